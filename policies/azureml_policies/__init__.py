"""The rules of the policy pack, and the frame that runs them."""
