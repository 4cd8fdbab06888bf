-- A county of about nine cohorts of {cohort} pupils each, seeded by {seed}: only what the trend tables read.
CREATE TABLE schools AS
SELECT
    CASE WHEN n % 3 = 0 THEN '3133' ELSE '2133' END || lpad((990000 + n)::VARCHAR, 6, '0') AS school_code,
    '模拟第' || n || '学校' AS school_name,
    CASE WHEN n % 3 = 0 THEN '初级中学' ELSE '小学' END AS school_type,
    ['城区', '镇区', '乡村'][1 + (n % 7 % 3)::INTEGER] AS urban_rural,
    (330382001 + n % 25)::VARCHAR AS township_code,
    '模拟学区' || (1 + n % 25 % 6) AS zone,
    120.8 + (n % 25) * 0.015 + hash(n, 'x') % 100 / 10000.0 AS longitude_deg,
    28.0 + (n % 25) * 0.02 + hash(n, 'y') % 100 / 10000.0 AS latitude_deg,
    DATE '1900-01-01' AS known_on
FROM range(150) t(n);

CREATE TABLE terms AS
SELECT y || '学年第一学期' AS term, make_date(y, 9, 1) AS starts_on, make_date(y + 1, 1, 20) AS ends_on,
    DATE '1900-01-01' AS known_on
FROM range(2021, 2025) t(y)
UNION ALL
SELECT y || '学年第二学期', make_date(y + 1, 2, 20), make_date(y + 1, 7, 1), DATE '1900-01-01' FROM range(2021, 2025) t(y);

CREATE TEMP TABLE children AS
SELECT
    'p' || lpad(n::VARCHAR, 9, '0') AS pupil,
    2013 + (n // {cohort})::INTEGER AS entered,
    (hash(n, {seed}, 'place') % 50)::INTEGER AS place,
    n, hash(n, {seed}, 'a') AS dice, hash(n, {seed}, 'b') AS other
FROM range(12 * {cohort}) t(n);

-- place p: two primary schools' numbers 3p+1, 3p+2 and one junior's 3p
CREATE TEMP TABLE days AS
SELECT unnest([DATE '2021-09-30', DATE '2022-03-31', DATE '2022-09-30', DATE '2023-03-31', DATE '2023-09-28',
    DATE '2024-03-29', DATE '2024-09-30', DATE '2024-10-31', DATE '2024-11-29']) AS snapshot_on;

CREATE TABLE enrolments AS
SELECT
    pupil, snapshot_on, 'r-' || pupil AS registration,
    CASE WHEN grade >= 7 THEN '3133' || lpad((990000 + 3 * place)::VARCHAR, 6, '0')
        ELSE '2133' || lpad((990000 + 3 * place + 1 + n % 2)::VARCHAR, 6, '0') END AS school_code,
    grade, lpad((1 + dice % 12)::VARCHAR, 2, '0') AS class,
    CASE WHEN other % 400 = 0 THEN '休学' ELSE '在读' END AS status,
    ['男', '女'][1 + (dice % 2)::INTEGER] AS sex,
    CASE WHEN dice % 100 < CASE WHEN grade >= 7 THEN 20 ELSE 2 END THEN '住校' ELSE '走读' END AS boarding,
    CASE WHEN other % 100 < 2 THEN '单亲留守儿童' WHEN other % 100 < 3 THEN '双亲留守儿童' ELSE '非留守儿童' END AS left_behind,
    dice % 10 < 3 AS is_migrant_child,
    '无残疾' AS disability, (dice // 7 % 8)::DOUBLE AS distance_km,
    entered AS cohort, snapshot_on AS known_on
FROM (
    SELECT *, year(snapshot_on) - (month(snapshot_on) < 9)::INTEGER - entered + 1 AS grade FROM children, days
) WHERE grade BETWEEN 1 AND 9;

CREATE TEMP TABLE held AS
SELECT day::DATE AS date FROM terms, unnest(generate_series(starts_on, least(ends_on, DATE '2025-01-17'), INTERVAL 1 DAY)) d(day)
WHERE isodow(day) <= 5;

CREATE TABLE rolls AS
SELECT school_code, grade, class, date, 45 AS expected, 44 AS present, hash(school_code, grade, class, date) % 30 > 0 AS is_taken,
    date AS known_on
FROM (SELECT DISTINCT school_code, grade, class FROM enrolments), held;

CREATE TABLE absences AS
SELECT pupil, date, ['旷课', '病假', '事假', '迟到'][1 + (hash(pupil, date, {seed}) % 4)::INTEGER] AS absence,
    ['全天', '上午', '下午'][1 + (hash(date, pupil) % 3)::INTEGER] AS session, date + 1 AS recorded_on, date + 1 AS known_on
FROM (
    SELECT pupil, date FROM children, (SELECT date FROM held USING SAMPLE 60 ROWS (reservoir, {seed})) h
    WHERE hash(pupil, date, {seed}, 'out') % 1000 < 16 AND year(date) - entered BETWEEN 0 AND 8
);

CREATE TEMP TABLE events AS
SELECT pupil, entered, hash(pupil, {seed}, 'when') AS dice, DATE '2021-09-05' + (hash(pupil, {seed}, 'day') % 1180)::INTEGER AS day
FROM children WHERE hash(pupil, {seed}, 'event') % 1000 < 12;

CREATE TABLE cases AS
SELECT
    'c' || row_number() OVER (ORDER BY pupil) AS "case", pupil, '考勤' AS clue, day + 3 AS opened_on, day AS first_absent_on,
    CASE WHEN dice % 3 = 0 THEN '返校' ELSE '辍学' END AS conclusion, day + 20 AS concluded_on,
    CASE WHEN dice % 4 = 0 THEN day + 60 END AS closed_on,
    CASE WHEN dice % 4 = 0 THEN '返校复学' END AS closing, day + 3 AS known_on
FROM events WHERE year(day) - (month(day) < 9)::INTEGER - entered BETWEEN 0 AND 8;

CREATE TABLE changes AS
SELECT pupil, '转出' AS change, day AS changed_on, day + 5 AS accepted_on, '省外' AS transfer_scope,
    CASE WHEN dice % 20 > 0 THEN day + 20 END AS confirmed_on, '通过' AS review, day + 8 AS reviewed_on, day + 5 AS known_on
FROM (
    SELECT pupil, hash(pupil, 'move') AS dice, DATE '2021-10-05' + (hash(pupil, {seed}, 'move') % 1150)::INTEGER AS day
    FROM children WHERE hash(pupil, {seed}, 'moves') % 100 < 6
);

CREATE TABLE low_income AS
SELECT pupil, '低保' AS hardship, DATE '2020-03-01' + (other % 900)::INTEGER AS listed_on,
    CASE WHEN other % 5 = 0 THEN DATE '2023-06-01' END AS delisted_on, DATE '2020-03-01' + (other % 900)::INTEGER AS known_on
FROM children WHERE other % 50 = 1;

CREATE TABLE care AS
SELECT pupil, CASE WHEN other % 30 = 0 THEN '服刑人员未成年子女' ELSE '留守儿童' END AS care,
    DATE '2020-03-01' AS listed_on, DATE '2020-03-01' AS known_on
FROM children WHERE dice % 90 = 2;

CREATE TABLE disabled AS
SELECT pupil, '智力残疾' AS disability, DATE '2019-03-01' AS listed_on, '随班就读' AS placement, DATE '2019-03-01' AS known_on
FROM children WHERE dice % 170 = 3;

CREATE TABLE admissions AS
SELECT y AS admission_year, passage, pupil, CASE WHEN other % 60 = 0 THEN '未报到' ELSE '已报到' END AS arrival,
    make_date(y, 9, 1) AS arrived_on, CASE WHEN other % 60 = 0 THEN '省外就读' ELSE '县内就读' END AS whereabouts,
    make_date(y, 9, 10) AS whereabouts_checked_on, make_date(y, 7, 1) AS known_on
FROM children, range(2021, 2025) t(y), (VALUES ('幼升小', 0), ('小升初', 6)) v(passage, later) WHERE entered + later = y;

CREATE TABLE households AS
SELECT pupil, snapshot_on - 10 AS snapshot_on, '本籍在本' AS residence, (330382001 + place % 25)::VARCHAR AS township_code,
    '县内就读' AS schooling, snapshot_on - 40 AS schooling_checked_on, entered AS cohort, snapshot_on - 10 AS known_on
FROM children, days WHERE month(snapshot_on) = 9 AND year(snapshot_on) - entered BETWEEN 0 AND 8;
