-- The four features of every customer, as known at a cut-off.
--
-- One DuckDB query with one named parameter, $cutoff (a TIMESTAMP). It reads
--   orders(customer_id VARCHAR, ordered_at TIMESTAMP, amount_gbp DOUBLE)
--   emails(customer_id VARCHAR, sent_at TIMESTAMP, opened BOOLEAN)
-- Either table may be empty; no column is null; times have no time zone.
--
-- It returns one row per customer with at least one order strictly before $cutoff, in any order,
-- and exactly these columns, in this order:
--   customer_id            VARCHAR
--   days_since_last_order  BIGINT  whole days (24 hours each) from the last order to the cut-off,
--                                  rounded down: an order one microsecond before it gives 0
--   total_orders           BIGINT  number of orders; two rows that are alike are two orders
--   lifetime_value         DOUBLE  sum of the amounts in GBP, the sum rounded to the penny
--   email_open_rate        DOUBLE  emails opened / emails sent; 0 when none was sent
--
-- Nothing at or after $cutoff is looked at, neither orders nor emails.
-- BEGIN SOLUTION

-- Each table is brought to one row per customer before the two meet: joined row by row, every order
-- would appear once per email.
WITH known_orders AS (
    SELECT
        customer_id,
        max(ordered_at) AS last_ordered_at,
        count(*) AS total_orders,
        round(sum(amount_gbp), 2) AS lifetime_value
    FROM orders
    WHERE ordered_at < $cutoff
    GROUP BY customer_id
),

known_emails AS (
    SELECT customer_id, avg(opened::INTEGER) AS open_rate
    FROM emails
    WHERE sent_at < $cutoff
    GROUP BY customer_id
)

SELECT
    customer_id,
    -- date_sub counts whole days that have passed; date_diff would count midnights.
    date_sub('day', last_ordered_at, $cutoff) AS days_since_last_order,
    total_orders,
    lifetime_value,
    coalesce(open_rate, 0.0) AS email_open_rate
FROM known_orders
LEFT JOIN known_emails USING (customer_id)
-- END SOLUTION
