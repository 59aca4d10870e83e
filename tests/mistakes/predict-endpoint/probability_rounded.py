# fails: test_the_probability_is_not_rounded
# says: a customer that is not passed to the model as it was parsed
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
            "churn_probability": round(probability, 4),
            "churn_prediction": probability > CHURNS_ABOVE,
            "risk_level": risk_level(probability),
            "model_version": predictor.model_version,
        }
# END SOLUTION
