namespace credence {}
