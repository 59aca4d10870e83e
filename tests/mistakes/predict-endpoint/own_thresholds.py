# fails: test_the_risk_level_is_that_of_risk_level
# says: a rule has one home
# BEGIN SOLUTION
    @app.post("/predict")
    def predict():
        if predictor is None:
            abort(503, "No model.")
        if request.mimetype != "application/json":
            abort(415, "Send JSON.")
        customer = parse_customer(request.get_data())
        probability = predictor.predict_probability(customer)
        g.prediction = Prediction(customer.customer_id, probability)
        return {
            "customer_id": customer.customer_id,
            "churn_probability": probability,
            "churn_prediction": probability > CHURNS_ABOVE,
            "risk_level": "high" if probability >= 0.7 else "medium" if probability >= 0.4 else "low",
            "model_version": predictor.model_version,
        }
# END SOLUTION
