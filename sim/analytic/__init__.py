"""The analytic road: odds by characteristic function and by conditioning, without counting paths."""
