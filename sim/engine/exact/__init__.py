"""The exact method: characteristic functions, conditioning on a Sobol net, separation of variables."""
