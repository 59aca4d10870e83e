# fails: test_a_customer_gets_the_five_fields
# says: it was 'v2'
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
            "risk_level": risk_level(probability),
            "model_version": "v2",
        }
# END SOLUTION
