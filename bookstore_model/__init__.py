"""BookStore's churn model, as the data scientist hands it over.

Orders become features, features become a trained forest, and the forest becomes a folder on disk.
Nothing here knows how the model is served.
"""
