# fails: test_what_unpickles_as_something_else_is_refused
# says: what joblib.load raises
# BEGIN SOLUTION
        row = [
            customer.days_since_last_order,
            customer.total_orders,
            customer.lifetime_value_gbp,
            customer.email_open_rate,
        ]
        return float(self._forest.predict_proba(np.array([row], dtype=np.float64))[0, 1])
# END SOLUTION
# BEGIN SOLUTION
    metadata = read_metadata(folder)
    model_bytes = _read_model_file(folder, metadata["model_file"])
    digest = hashlib.sha256(model_bytes).hexdigest()
    if digest != metadata["sha256"]:
        raise ModelRefused(
            f"the SHA-256 of {metadata['model_file']} is {digest}, but metadata.json says "
            f"{metadata['sha256']}: the file was changed or cut short after training."
        )
    _check_feature_order(metadata["feature_order"])
    _check_library_versions(metadata["library_versions"])
    return ForestPredictor(_unpickle_forest(model_bytes), metadata["model_version"])
# END SOLUTION
# BEGIN SOLUTION
def _read_model_file(folder: Path, name: str) -> bytes:
    # The Windows rules know both slashes and drive letters, on every platform.
    if name in ("", ".", "..") or PureWindowsPath(name).name != name:
        raise ModelRefused(f"model_file is {name!r}, which is not a plain file name.")
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError:
        raise ModelRefused(f"the model file {name} is missing from {folder}.") from None
    except (OSError, ValueError) as error:
        raise ModelRefused(f"the model file {name!r} cannot be read ({error}).") from None


def _check_feature_order(names: list) -> None:
    if names == list(FEATURE_ORDER):
        return
    same = sorted(map(str, names)) == sorted(FEATURE_ORDER)
    difference = "in another order than" if same else "not"
    raise ModelRefused(f"the features {names} are {difference} the service's {FEATURE_ORDER}.")


def _check_library_versions(trained_with: dict) -> None:
    running = {"python": platform.python_version()}
    running |= {name: version(name) for name in ("numpy", "scikit-learn")}
    for library, here in running.items():
        there = str(trained_with.get(library, "unknown"))
        if there.split(".")[:2] != here.split(".")[:2]:
            raise ModelRefused(f"the model needs {library} {there}, but {here} is running.")


def _unpickle_forest(model_bytes: bytes):
    try:
        forest = joblib.load(io.BytesIO(model_bytes))
        fits = list(forest.classes_) == [0, 1] and forest.n_features_in_ == len(FEATURE_ORDER)
    except EOFError as error:
        cause = type(error).__name__
        raise ModelRefused(f"the model file does not unpickle as a classifier ({cause}).") from None
    if not (fits and hasattr(forest, "predict_proba")):
        raise ModelRefused("the model is no classifier of four features with the classes 0 and 1.")
    forest.n_jobs = 1
    # Trained on a DataFrame, a forest would warn about each row that comes without column names.
    vars(forest).pop("feature_names_in_", None)
    return forest


# END SOLUTION
