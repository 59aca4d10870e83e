# fails: test_the_request_log_gets_the_prediction
# says: which logs.py reads
# BEGIN SOLUTION
    @app.post("/predict")
    def predict():
        if predictor is None:
            abort(503, "No model.")
        if request.mimetype != "application/json":
            abort(415, "Send JSON.")
        customer = parse_customer(request.get_data())
        probability = predictor.predict_probability(customer)

        return {
            "customer_id": customer.customer_id,
            "churn_probability": probability,
            "churn_prediction": probability > CHURNS_ABOVE,
            "risk_level": risk_level(probability),
            "model_version": predictor.model_version,
        }
# END SOLUTION
