-- fails: test_the_file_holds_one_query_with_a_cutoff
-- says: an intermediate table becomes a WITH clause
-- BEGIN SOLUTION
CREATE OR REPLACE TEMP TABLE known AS SELECT * FROM orders WHERE ordered_at < $cutoff;

SELECT
    customer_id,
    date_sub('day', max(ordered_at), $cutoff) AS days_since_last_order,
    count(*) AS total_orders,
    round(sum(amount_gbp), 2) AS lifetime_value,
    0.0::DOUBLE AS email_open_rate
FROM known
GROUP BY customer_id;
-- END SOLUTION
