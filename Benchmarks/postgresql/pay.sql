\set payer random(1, :accounts)
\set payee 1 + (:payer + random(0, :accounts - 2)) % :accounts
\set amount random(1, 100)
CALL pay(:payer, :payee, :amount);
