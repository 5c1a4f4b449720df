"""How fast the gateway is and what a notification costs, beside what people would otherwise use."""
