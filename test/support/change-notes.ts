/**
 * Refuses, in test databases, a transaction that changes what feeds are computed from without noting it.
 *
 * The product notes a change with its event. A test of an action fails if the action forgets it. Databases that a
 * command starts itself are not checked, and neither are rows that a test writes by `writeRows` or `markWaveReleased`.
 */
import type { ActionContext } from "../../server/src/kernel/action-context.ts"
import type { Tx } from "../../server/src/platform/postgres/db.ts"
import { markWaveReleased as openUnnoted } from "../../server/src/share/waves/actions.ts"
import { runSql } from "./sql.ts"

/** The tables behind feeds whose rows concern every partner, and those that concern the partner of the row. */
const sharedTables = `policies policy_activations agreements program_rules cases case_closures case_links
    embargo_history artifacts artifact_versions recalls waves wave_offsets wave_freezes
    wave_artifacts case_exploitation`
const partnerTables = `partner_facts acceptances partner_statements partner_keys mailbox_events persons access_lists
    consent_history acknowledgements deletion_confirmations`

/** The tables that feeds are computed from. */
export const tablesBehindFeeds = `${sharedTables} ${partnerTables}`.split(/\s+/)

const check = (name: string, partner: string): string => `
    create function ${name}() returns trigger language plpgsql as $$
    declare
        every_partner uuid := '00000000-0000-0000-0000-000000000000';
        concerned uuid := ${partner};
    begin
        if not exists (select from changes where tx = pg_current_xact_id() and scope in (concerned, every_partner)) then
            raise exception 'a change of % is not noted: record its event, or see scopeOf', tg_table_name;
        end if;
        return null;
    end
    $$;`

/** Installs the check. It runs before the commit. */
export async function checkChangeNotes(url: string): Promise<void> {
    const install = (tables: string, name: string) =>
        tables.split(/\s+/).map(
            (table) => `create constraint trigger ${name} after insert or update or delete on ${table}
                deferrable initially deferred for each row execute function ${name}();`,
        )
    const statements = [
        check("is_noted", "every_partner"),
        check(
            "is_noted_of_partner",
            "coalesce(case tg_op when 'DELETE' then old.partner_id else new.partner_id end, every_partner)",
        ),
        ...install(sharedTables, "is_noted"),
        ...install(partnerTables, "is_noted_of_partner"),
    ]
    await runSql(url, statements.join("\n"))
}

/** Notes a change for every partner, as the event of an action does. */
export async function noteChange(tx: Tx): Promise<void> {
    await tx.query(
        `insert into changes (scope, tx) values ('00000000-0000-0000-0000-000000000000', pg_current_xact_id())
         on conflict do nothing`,
    )
}

/** Runs a statement that writes rows without an action, and notes the change. */
export async function writeRows<Row>(tx: Tx, text: string, values?: readonly unknown[]): Promise<Row[]> {
    await noteChange(tx)
    return await tx.query<Row>(text, values)
}

/** Opens a wave without the event of its release. */
export async function releaseWaveWithoutEvent(
    ctx: ActionContext,
    ...release: Rest<Parameters<typeof openUnnoted>>
): Promise<void> {
    await noteChange(ctx.tx)
    await openUnnoted(ctx, ...release)
}

type Rest<List extends readonly unknown[]> = List extends readonly [unknown, ...infer Others] ? Others : never
