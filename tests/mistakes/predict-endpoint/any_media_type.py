# fails: test_other_media_types_are_refused
# says: the contract takes one only
# BEGIN SOLUTION
    @app.post("/predict")
    def predict():
        if predictor is None:
            abort(503, "No model.")

        customer = parse_customer(request.get_data())
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
