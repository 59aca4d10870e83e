/* The last order by a window, the emails on the left of a right join. */
SELECT
    b.customer_id,
    extract(day FROM $cutoff::TIMESTAMP - b.ordered_at)::BIGINT AS days_since_last_order,
    b.n::BIGINT AS total_orders,
    b.spent AS lifetime_value,
    coalesce(a.hits / a.mails, 0.0)::DOUBLE AS email_open_rate
FROM (
    SELECT customer_id, sum(opened::INT) AS hits, count(*) AS mails
    FROM emails WHERE sent_at < $cutoff GROUP BY ALL
) AS a
RIGHT JOIN (
    SELECT
        customer_id,
        ordered_at,
        count(*) OVER customer AS n,
        round(sum(amount_gbp) OVER customer, 2) AS spent
    FROM orders
    WHERE ordered_at < $cutoff
    WINDOW customer AS (PARTITION BY customer_id)
    QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC) = 1
) AS b ON a.customer_id = b.customer_id
