/** Manages letter templates: the operator's newest version, or else the built-in one. Drafts letters from them. */
import { type Instant, instantInWords } from "@tocsin/base/instant"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { listArtifactsOfCases } from "../../../share/artifacts/actions/load-artifacts.ts"
import { listCaseFiles } from "../../../share/cases/actions/load-case.ts"
import { listPublicArtifacts } from "../../../share/publication/actions/draft-advisory.ts"
import { listHoldings } from "../../../share/delivery/actions/list-holdings.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { loadNameAndMail } from "../../../trust/partners/actions/load-facts.ts"
import { type LetterKind, type LetterText, letterKinds } from "../letter.ts"
import { shippedLetters } from "../built-in-templates.ts"
import * as store from "../store/letters.ts"
import { type Fields, type HeldFile, fillFields, heldFilesText, validateTemplate } from "../template.ts"

export interface Template extends LetterText {
    readonly kind: LetterKind
    /** 0 is the built-in template. */
    readonly version: number
    readonly by: string | null
    readonly since: Instant | null
}

/** Lists the current template of each kind. */
export async function listTemplates(ctx: ActionContext): Promise<Template[]> {
    const newest = new Map((await store.listTemplates(ctx.tx, null)).map((row) => [row.kind, row]))
    const templates: Template[] = []
    for (const kind of letterKinds) {
        const row = newest.get(kind)
        templates.push(
            row
                ? await decryptTemplate(ctx, row)
                : { kind, version: 0, by: null, since: null, ...shippedLetters[kind] },
        )
    }
    return templates
}

/** Stores a new version for later drafts, and returns its number. */
export async function setTemplate(
    ctx: ActionContext,
    kind: LetterKind,
    { subject, text }: LetterText,
): Promise<number> {
    validateTemplate(kind, { subject, text })
    await lockToChangeProgram(ctx.tx)
    const version = ((await store.listTemplates(ctx.tx, kind)).at(-1)?.version ?? 0) + 1
    await store.insertTemplate(ctx.tx, {
        kind,
        version,
        text_ciphertext: await encryptText(
            ctx.tx,
            ctx.services.keys,
            "program",
            placeOf(kind, version),
            JSON.stringify({ subject, text }),
        ),
        created_by: personOf(ctx.actor),
        created_at: ctx.now,
    })
    await record(ctx, { kind: "letter.template_set", letterKind: kind, version })
    return version
}

/** Fills a letter for this partner. `fields` holds the matter's own values. */
export async function draftLetter(
    ctx: ActionContext,
    kind: LetterKind,
    partner: string,
    fields: Fields = {},
): Promise<LetterText> {
    return await fillForPartner(ctx, await loadTemplate(ctx, kind), partner, fields)
}

/** Drafts a letter for editing. Places that are filled at sending stay open. */
export async function draftEditableLetter(
    ctx: ActionContext,
    kind: LetterKind,
    partner: string,
    fields: Fields = {},
): Promise<LetterText> {
    return await draftLetter(ctx, kind, partner, { from: "[from]", held: "[held]", ...fields })
}

/** Returns the current template of this kind. */
export async function loadTemplate(ctx: ActionContext, kind: LetterKind): Promise<LetterText> {
    const row = (await store.listTemplates(ctx.tx, kind)).at(-1)
    const { subject, text } = row ? await decryptTemplate(ctx, row) : shippedLetters[kind]
    return { subject, text }
}

/** Fills a text with template places for one partner. */
export async function fillForPartner(
    ctx: ActionContext,
    letterText: LetterText,
    partner: string,
    fields: Fields = {},
): Promise<LetterText> {
    const { name } = await loadNameAndMail(ctx, partner)
    return await fillCurrentValues(ctx, letterText, partner, { partner: name, ...fields })
}

/** Fills in the values of this instant: the date and the files that the partner holds. */
export async function fillCurrentValues(
    ctx: ActionContext,
    letterText: LetterText,
    partner: string,
    fields: Fields,
): Promise<LetterText> {
    const needsHeldFiles = letterText.text.includes("[held]") && fields.held === undefined
    if (!needsHeldFiles) return fillFields(letterText, { from: instantInWords(ctx.now), ...fields })
    const heldFiles = await listHeldSecretFiles(ctx, partner)
    const text = fillFields(letterText, { from: instantInWords(ctx.now), held: heldFilesText(heldFiles), ...fields })
    return { ...text, artifactAliases: heldFiles.map(({ alias }) => alias) }
}

/** Lists the files that the partner fetched and that are not public, by title of the warning and name of the file. */
async function listHeldSecretFiles(
    ctx: ActionContext,
    partner: string,
): Promise<(HeldFile & { readonly alias: string })[]> {
    const holding = await listHoldings(ctx, partner)
    const cases = [...new Set(holding.map((holding) => holding.case))]
    const titles = new Map<string, string>()
    const publicIds: string[] = []
    for (const file of await listCaseFiles(ctx, cases)) {
        titles.set(file.id, file.title)
        publicIds.push(...(await listPublicArtifacts(ctx, file)))
    }
    const artifacts = new Map((await listArtifactsOfCases(ctx, cases)).map((artifact) => [artifact.id, artifact]))
    return holding.flatMap(({ artifact, alias, version, at, ...rest }) => {
        const [warning, file] = [titles.get(rest.case), artifacts.get(artifact)?.name]
        if (warning === undefined || file === undefined || publicIds.includes(artifact)) return []
        return [{ warning, file, version, at, alias }]
    })
}

async function decryptTemplate(ctx: ActionContext, row: store.TemplateRow): Promise<Template> {
    const { kind, version } = row
    const text = await decryptText(ctx.tx, ctx.services.keys, "program", placeOf(kind, version), row.text_ciphertext)
    return { kind, version, by: row.created_by, since: row.created_at, ...(JSON.parse(text) as LetterText) }
}

const placeOf = (kind: LetterKind, version: number): string => `letter_templates.text:${kind}:${version}`
