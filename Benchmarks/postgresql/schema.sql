-- A ledger as most would write it: accounts with a balance that is never negative, and transfers.
CREATE TABLE account (
  id int PRIMARY KEY,
  balance bigint NOT NULL CHECK (balance >= 0)
);
CREATE TABLE transfer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payer int NOT NULL,
  payee int NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  made timestamptz NOT NULL DEFAULT now()
);
INSERT INTO account SELECT id, 1000000000 FROM generate_series(1, :accounts) AS id;

-- One transfer. The lower account is locked first, so that no two transfers wait for each other.
CREATE PROCEDURE pay(payer int, payee int, amount bigint) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM account WHERE id IN (payer, payee) ORDER BY id FOR UPDATE;
  UPDATE account SET balance = balance - amount WHERE id = payer;
  UPDATE account SET balance = balance + amount WHERE id = payee;
  INSERT INTO transfer (payer, payee, amount) VALUES (payer, payee, amount);
END $$;

-- Many random transfers in one statement: each account is touched once. That they are made up here
-- saves the server from being sent them.
CREATE FUNCTION pay_batch(count int, accounts int) RETURNS void LANGUAGE sql AS $$
  WITH made AS (
    INSERT INTO transfer (payer, payee, amount)
    SELECT 1 + floor(random() * accounts), 1 + floor(random() * accounts),
      1 + floor(random() * 100)
    FROM generate_series(1, count)
    RETURNING payer, payee, amount
  ), moved AS (
    SELECT id, sum(change) AS change
    FROM (
      SELECT payer AS id, -amount AS change FROM made
      UNION ALL
      SELECT payee, amount FROM made
    ) AS leg
    GROUP BY id
  )
  UPDATE account SET balance = balance + moved.change FROM moved WHERE account.id = moved.id;
$$;
