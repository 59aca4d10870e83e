-- Orders and emails under one another, as events: then there is nothing to join.
WITH events AS (
    SELECT customer_id, ordered_at AS moment, amount_gbp, NULL::BOOLEAN AS opened FROM orders
    UNION ALL
    SELECT customer_id, sent_at, NULL, opened FROM emails
)
SELECT
    customer_id,
    datesub('day', max(moment) FILTER (amount_gbp IS NOT NULL), $cutoff) AS days_since_last_order,
    count(amount_gbp) AS total_orders,
    round(sum(amount_gbp), 2) AS lifetime_value,
    coalesce(avg(CASE WHEN opened THEN 1.0 WHEN NOT opened THEN 0.0 END), 0) AS email_open_rate
FROM events
WHERE moment < $cutoff
GROUP BY customer_id
HAVING count(amount_gbp) > 0
ORDER BY customer_id
