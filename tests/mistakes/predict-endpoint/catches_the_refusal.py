# fails: test_an_invalid_customer_is_left_to_the_problem_documents
# says: what parse_customer raises must get through
# BEGIN SOLUTION
    @app.post("/predict")
    def predict():
        if predictor is None:
            abort(503, "No model.")
        if request.mimetype != "application/json":
            abort(415, "Send JSON.")
        try:
            customer = parse_customer(request.get_data())
        except Exception as error:
            return {"error": str(error)}, 400
        probability = predictor.predict_probability(customer)
        g.prediction = Prediction(customer.customer_id, probability)
        return {
            "customer_id": customer.customer_id,
            "churn_probability": probability,
            "churn_prediction": probability > CHURNS_ABOVE,
            "risk_level": risk_level(probability),
            "model_version": predictor.model_version,
        }
# END SOLUTION
