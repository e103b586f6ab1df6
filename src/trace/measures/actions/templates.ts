/** Templates: the newest version that the operator has written, else the shipped one; and letters drafted from them. */
import type { Instant } from "../../../lib/instant.ts"
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { artifactsAmong } from "../../../share/artifacts/actions.ts"
import { caseFiles } from "../../../share/cases/actions.ts"
import { publicArtifacts } from "../../../share/publication/actions/drafting.ts"
import { heldBy } from "../../../share/delivery/actions/held.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personOf } from "../../../trust/audit/actor.ts"
import { partnerName } from "../../../trust/partners/actions/facts.ts"
import { type LetterKind, type LetterText, letterKinds } from "../letter.ts"
import { shippedLetters } from "../shipped.ts"
import * as store from "../store/letters.ts"
import { type Fields, type Held, dated, filled, heldInWords, mustBeTemplate } from "../template.ts"

export interface Template extends LetterText {
    readonly kind: LetterKind
    /** 0: the shipped one. */
    readonly version: number
    readonly by: string | null
    readonly since: Instant | null
}

/** Of each kind the one that is used now. */
export async function templatesNow(act: Act): Promise<Template[]> {
    const newest = new Map((await store.templates(act.tx, null)).map((row) => [row.kind, row]))
    const all: Template[] = []
    for (const kind of letterKinds) {
        const row = newest.get(kind)
        all.push(row ? await present(act, row) : { kind, version: 0, by: null, since: null, ...shippedLetters[kind] })
    }
    return all
}

/** A new version; letters that are drafted from now on are drafted from it. Returns its number. */
export async function setTemplate(act: Act, kind: LetterKind, { subject, text }: LetterText): Promise<number> {
    mustBeTemplate(kind, { subject, text })
    await lockToChangeProgram(act.tx)
    const version = ((await store.templates(act.tx, kind)).at(-1)?.version ?? 0) + 1
    await store.insertTemplate(act.tx, {
        kind,
        version,
        text_ciphertext: await seal(
            act.tx,
            act.doors.keys,
            "program",
            placeOf(kind, version),
            JSON.stringify({ subject, text }),
        ),
        created_by: personOf(act.actor),
        created_at: act.now,
    })
    await record(act, { kind: "letter.template_set", of: kind, version })
    return version
}

/** The letter as it would be sent to this partner; `fields` is what the matter names besides. */
export async function draft(act: Act, kind: LetterKind, partner: string, fields: Fields = {}): Promise<LetterText> {
    return await filledFor(act, await templateNow(act, kind), partner, fields)
}

/** The letter to be read and changed before it is sent: the places stand that are filled only then. */
export async function draftToSend(
    act: Act,
    kind: LetterKind,
    partner: string,
    fields: Fields = {},
): Promise<LetterText> {
    return await draft(act, kind, partner, { from: "[from]", held: "[held]", ...fields })
}

/** What letters of this kind are drafted from. */
export async function templateNow(act: Act, kind: LetterKind): Promise<LetterText> {
    const row = (await store.templates(act.tx, kind)).at(-1)
    const { subject, text } = row ? await present(act, row) : shippedLetters[kind]
    return { subject, text }
}

/** A text that is written as templates are, filled for one partner. */
export async function filledFor(act: Act, its: LetterText, partner: string, fields: Fields = {}): Promise<LetterText> {
    const { name } = await partnerName(act, partner)
    return await filledNow(act, its, partner, { partner: name, ...fields })
}

/** With what is true at this instant: when it is, and what the partner holds. */
export async function filledNow(act: Act, its: LetterText, partner: string, fields: Fields): Promise<LetterText> {
    const asks = its.text.includes("[held]") && fields.held === undefined
    if (!asks) return filled(its, { from: dated(act.now), ...fields })
    const held = await heldInSecret(act, partner)
    const text = filled(its, { from: dated(act.now), held: heldInWords(held), ...fields })
    return { ...text, lists: held.map(({ alias }) => alias) }
}

/** What the partner fetched and the world cannot read, by the title of its warning and the name of its file. */
async function heldInSecret(act: Act, partner: string): Promise<(Held & { readonly alias: string })[]> {
    const all = await heldBy(act, partner)
    const cases = [...new Set(all.map((one) => one.case))]
    const titles = new Map<string, string>()
    const known: string[] = []
    for (const file of await caseFiles(act, cases)) {
        titles.set(file.id, file.title)
        known.push(...(await publicArtifacts(act, file)))
    }
    const artifacts = new Map((await artifactsAmong(act, cases)).map((one) => [one.id, one]))
    return all.flatMap(({ artifact, alias, version, at, ...one }) => {
        const [warning, file] = [titles.get(one.case), artifacts.get(artifact)?.name]
        if (warning === undefined || file === undefined || known.includes(artifact)) return []
        return [{ warning, file, version, at, alias }]
    })
}

async function present(act: Act, row: store.TemplateRow): Promise<Template> {
    const { kind, version } = row
    const words = await unseal(act.tx, act.doors.keys, "program", placeOf(kind, version), row.text_ciphertext)
    return { kind, version, by: row.created_by, since: row.created_at, ...(JSON.parse(words) as LetterText) }
}

const placeOf = (kind: LetterKind, version: number): string => `letter_templates.text:${kind}:${version}`
