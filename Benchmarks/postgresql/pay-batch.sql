SELECT pay_batch(8000, :accounts);
