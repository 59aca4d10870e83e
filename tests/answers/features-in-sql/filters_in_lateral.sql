-- One pass over the orders; the emails are asked for customer by customer, in a scalar subquery.
FROM (
    SELECT
        customer_id,
        max(ordered_at) AS last_order,
        count(ordered_at) AS n,
        sum(amount_gbp) AS spent
    FROM orders
    GROUP BY customer_id, ordered_at < $cutoff
    HAVING ordered_at < $cutoff
) AS o
SELECT
    o.customer_id,
    ((epoch_us($cutoff::TIMESTAMP) - epoch_us(o.last_order)) // 86_400_000_000)::BIGINT
        AS days_since_last_order,
    o.n AS total_orders,
    round(o.spent, 2)::DOUBLE AS lifetime_value,
    ifnull(
        (SELECT count_if(e.opened) / count(*)
         FROM emails AS e
         WHERE e.customer_id = o.customer_id AND e.sent_at < $cutoff),
        0
    )::DOUBLE AS email_open_rate;
