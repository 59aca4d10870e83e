-- fails: test_the_open_rate_is_zero_without_emails
-- says: not a whole number
-- BEGIN SOLUTION
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
    SELECT customer_id, sum(opened::INTEGER) // count(*) AS open_rate
    FROM emails
    WHERE sent_at < $cutoff
    GROUP BY customer_id
)

SELECT
    customer_id,
    date_sub('day', last_ordered_at, $cutoff) AS days_since_last_order,
    total_orders,
    lifetime_value,
    coalesce(open_rate, 0)::DOUBLE AS email_open_rate
FROM known_orders
LEFT JOIN known_emails USING (customer_id)
-- END SOLUTION
