-- Reasons of approvals about a case are encrypted with other keys: they are deleted with its content. The reason of the
-- deletion itself stays.
create function delete_approval_texts() returns trigger language plpgsql as $$
begin
    update approvals set text_ciphertext = null
    from cases
    where new.scope = 'case:' || cases.id and text_ciphertext is not null and action <> 'case.delete_content'
    and (effects->'detail'->>'case' = cases.id::text
        or effects->'detail'->>'wave' in (select id::text from waves where case_id = cases.id)
        or exists (select from jsonb_array_elements(effects->'artifacts') as shown
            join artifacts on artifacts.id::text = shown->>'artifact' where artifacts.case_id = cases.id));
    return null;
end
$$;
create trigger deleted_approval_texts after insert on destroyed_keys for each row
execute function delete_approval_texts();
