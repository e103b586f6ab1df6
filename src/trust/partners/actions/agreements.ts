/** Agreements: the operator writes a version, each partner's lead accepts it for a term. */
import { refuse } from "../../../lib/refusal.ts"
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../audit/actions.ts"
import { type Acceptance, type Agreement, mustBeAgreement, termEnd } from "../agreement.ts"
import * as store from "../store/agreements.ts"
import { lockPartner } from "../store/partners.ts"
import { mustBeLead } from "./roster.ts"

const scope = "program"
const placeOf = (version: number): string => `agreements.text:${version}`

/** A new version; returns its number. From now on acceptances of older ones are lapsed, and content waits. */
export async function addAgreement(act: Act, text: string, termDays: number | null): Promise<number> {
    mustBeAgreement(text, termDays)
    await lockToChangeProgram(act.tx)
    const version = (await store.newestVersion(act.tx)) + 1
    const sealed = JSON.stringify({ text, termDays })
    await store.insertAgreement(act.tx, {
        version,
        text_box: await seal(act.tx, act.doors.keys, scope, placeOf(version), sealed),
        created_at: act.now,
    })
    await record(act, { kind: "agreement.added", version, termDays })
    return version
}

/** A lead accepts the newest version for its partner; done once more, the term begins anew. */
export async function acceptAgreement(act: Act, version: number): Promise<Acceptance> {
    const { partner, person } = mustBeLead(act)
    const row = await store.agreement(act.tx, version)
    if (!row) refuse("missing", "agreement.unknown", "no such agreement")
    if (version !== (await store.versionAt(act.tx, act.now))) {
        refuse("conflict", "agreement.not_newest", `version \`${version}\` is not the newest: read and accept that one`)
    }
    await lockPartner(act.tx, partner)
    const endless = (await store.acceptances(act.tx, act.now, partner)).find(
        (one) => one.version === version && one.endsAt === null,
    )
    if (endless) return endless
    const { termDays } = await open(act, row)
    const acceptance = { partner, version, person, at: act.now, endsAt: termEnd(termDays, act.now) }
    await store.insertAcceptance(act.tx, acceptance)
    await record(act, { kind: "agreement.accepted", partner, version, endsAt: acceptance.endsAt })
    return acceptance
}

/** Every version, oldest first. */
export async function agreements(act: Act): Promise<Agreement[]> {
    const all: Agreement[] = []
    for (const row of await store.agreements(act.tx)) all.push(await open(act, row))
    return all
}

/** What a partner has accepted so far, in order. */
export async function acceptancesOf(act: Act, partner: string): Promise<Acceptance[]> {
    return await store.acceptances(act.tx, act.now, partner)
}

async function open(act: Act, row: store.AgreementRow): Promise<Agreement> {
    const sealed = await unseal(act.tx, act.doors.keys, scope, placeOf(row.version), row.text_box)
    const { text, termDays } = JSON.parse(sealed) as Pick<Agreement, "text" | "termDays">
    return { version: row.version, text, termDays, since: row.created_at }
}
