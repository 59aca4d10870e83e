# fails: test_what_is_no_churn_forest_is_refused
# says: the shape of the input
# file: churn_service/onnx_model.py
# BEGIN SOLUTION
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises classes of its own for each kind of damage
            cause = type(error).__name__
            raise ModelRefused(f"the model file is no ONNX model ({cause}).") from None
        inputs = [(i.name, i.type, i.shape[1:]) for i in self._session.get_inputs()]
        outputs = [output.name for output in self._session.get_outputs()]
        if PROBABILITIES not in outputs:
            raise ModelRefused(f"the model takes {inputs} and gives {outputs}: no churn forest.")
        self.model_version = model_version
# END SOLUTION
# BEGIN SOLUTION
        return self.score(np.array([feature_row(customer)], np.float32)).item()
# END SOLUTION
# BEGIN SOLUTION
        if not customers:
            return []
        return self.score(np.array([feature_row(c) for c in customers], np.float32)).tolist()
# END SOLUTION
# BEGIN SOLUTION
        (both,) = self._session.run([PROBABILITIES], {INPUT: features})
        return both[:, 1].clip(0, 1)
# END SOLUTION
