-- trust/partners: from when a version of the agreement applies, until when a key is sealed to, and of a duty its
-- deadlines and the day of its source.
alter table agreements add column applies_at timestamptz; -- from then on acceptances of older ones are lapsed
update agreements set applies_at = created_at;
alter table agreements alter column applies_at set not null;

-- Keys of before get two years as any other, and three months at least, so that their end is said beforehand.
alter table partner_keys add column expires_at timestamptz;
update partner_keys set expires_at = greatest(usable_from + interval '730 days', now() + interval '90 days');
alter table partner_keys alter column expires_at set not null;

update partner_rules set rules = rules
    || '{"agreementNoticeDays": 30, "keyDaysMax": 730}'
    || jsonb_build_object('kinds', rules -> 'kinds' || '{"agreement": {"graceDays": 0, "remindDays": [21, 7, 2]}}')
    where kind = 'dues';

update partner_facts set value = (
    select coalesce(jsonb_agg((duty - 'deadlineHours') || jsonb_build_object(
        'date', to_char(from_at at time zone 'UTC', 'YYYY-MM-DD'),
        'deadlines', jsonb_build_array(jsonb_build_object(
            'report', 'first report', 'hours', duty -> 'deadlineHours', 'after', 'becoming aware'))
        ) order by n), '[]')
    from jsonb_array_elements(value) with ordinality as its (duty, n))
    where fact = 'duties';
