-- fails: test_emails_do_not_multiply_orders
-- says: total_orders of twin was
-- BEGIN SOLUTION
SELECT
    o.customer_id,
    date_sub('day', max(o.ordered_at), $cutoff) AS days_since_last_order,
    count(DISTINCT o.ordered_at) AS total_orders,
    round(sum(DISTINCT o.amount_gbp), 2) AS lifetime_value,
    coalesce(avg(e.opened::INTEGER), 0.0) AS email_open_rate
FROM orders AS o
LEFT JOIN emails AS e ON e.customer_id = o.customer_id AND e.sent_at < $cutoff
WHERE o.ordered_at < $cutoff
GROUP BY o.customer_id
-- END SOLUTION
