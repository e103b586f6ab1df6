/**
 * Three partners, and cases for some of them. Each field contains a unique word, so that a leak is found by the word.
 */
import { readContent } from "../../server/src/demo/content.ts"
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { addArtifact } from "../../server/src/share/artifacts/actions/add-artifact.ts"
import type { ArtifactClass, Tlp } from "../../server/src/share/artifacts/artifact.ts"
import { openCase } from "../../server/src/share/cases/actions/open-case.ts"
import { agreeEmbargo, endEmbargo } from "../../server/src/share/cases/actions/negotiate-embargo.ts"
import { publishCase } from "../../server/src/share/publication/actions/publish-case.ts"
import { createPublisherKey } from "../../server/src/trust/publisher-keys/actions/publisher-key.ts"
import { planWaves } from "../../server/src/share/waves/actions.ts"
import type { WaveTier } from "../../server/src/share/waves/wave.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { system } from "../support/actors.ts"
import { createToken } from "../support/polled-pages.ts"
import { type Program, type TestPartner, releaseWaveNow, newPartner, createProgram } from "../support/program.ts"
import type { Look } from "./read-portal.ts"

/** After the waves of a case with the default schedule, and before its publication. */
export const now = parseInstant("2025-07-04T17:00:00Z")
const publication = now + dayMs / 2

export interface Written {
    readonly id: string
    readonly artifacts: Readonly<Partial<Record<ArtifactClass, string>>>
    /** Each occurs in this case only. */
    readonly text: Readonly<Record<string, string>>
}

export interface Three {
    readonly its: Program
    /** Both have X; the third does not. */
    readonly one: TestPartner
    readonly two: TestPartner
    readonly third: TestPartner
    readonly tokens: Readonly<Record<"one" | "two" | "third" | "lead" | "thirdLead", string>>
    /** A case for all partners. */
    readonly shared: Written
    readonly x: Written
}

const files: Readonly<Partial<Record<ArtifactClass, string>>> = {
    summary: "summary.md",
    technical: "technical.md",
    guidance: "guidance.md",
    rules: "request-web-log.yml",
    poc: "poc.py",
}

/** Released to each of these tiers, except what `unopened` names. */
export interface Telling {
    readonly name: string
    readonly tiers: readonly WaveTier[]
    readonly classes?: readonly ArtifactClass[]
    readonly unopened?: readonly ArtifactClass[]
    /** RED, for classes that are not named. */
    readonly tlp?: Readonly<Partial<Record<ArtifactClass, Tlp>>>
    readonly title?: string
    readonly endsAt?: Instant
    /** Whether an affected product is also a package. */
    readonly isPackage?: boolean
}

/** Writes a case with a unique word in every field: `zqtitlex` is in the title of the case `x`. */
export async function write(world: Program, { name, tiers, ...more }: Telling): Promise<Written> {
    const { classes = ["summary", "guidance", "rules"], unopened = ["poc"], tlp = {} } = more
    const word = (subject: string) => `zq${subject}${name}`
    const cve = `CVE-2025-${[...name].reduce((sum, item) => sum * 31 + item.charCodeAt(0), 77).toString()}0001`
    const names = [word("product"), ...(more.isPackage === true ? [`pkg:npm/${word("product")}`] : [])]
    const id = await world.acting(world.author, async (ctx) => {
        const opened = await openCase(ctx, {
            title: more.title ?? `About ${word("title")}`,
            vulnerabilities: [
                {
                    cve,
                    cwe: "CWE-94",
                    score: 8.8,
                    vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
                    products: names.map((value) => ({ vendor: word("vendor"), name: value, fixedIn: word("version") })),
                },
            ],
            finder: word("finder"),
        })
        await agreeEmbargo(ctx, opened, more.endsAt ?? publication)
        await planWaves(ctx, opened)
        return opened
    })
    const artifacts: Partial<Record<ArtifactClass, string>> = {}
    for (const kind of [...classes, ...unopened]) {
        const labels = { tlp: tlp[kind] ?? "RED", pap: "RED" } as const
        const input = { case: id, class: kind, ...labels, ...contentOf(kind, word) }
        artifacts[kind] = await world.acting(world.author, (ctx) => addArtifact(ctx, input))
    }
    for (const tier of tiers)
        await releaseWaveNow(
            world,
            id,
            tier,
            classes.map((kind) => artifacts[kind] ?? ""),
        )
    const words = Object.fromEntries(
        ["title", "vendor", "product", "version", "finder", ...classes, ...unopened].map((subject) => [
            subject,
            word(subject),
        ]),
    )
    return { id, artifacts, text: { ...words, cve } }
}

/** The demonstration's text with an additional line. */
function contentOf(kind: ArtifactClass, word: (subject: string) => string): { name: string; content: string } {
    const file = files[kind] ?? "summary.md"
    const ending = file.slice(file.lastIndexOf("."))
    const text = readContent(`toolshell/${file}`)
    const content =
        kind === "rules"
            ? text.replace(/^title: /m, `title: ${word(kind)} `)
            : `${text}\n${lineOf(ending, word(kind))}\n`
    return { name: `${word("file")}-${kind}${ending}`, content }
}

const lineOf = (ending: string, word: string): string => (ending === ".py" ? `print("${word}")` : `\`${word}\``)

export async function three(): Promise<Three> {
    const world = await createProgram()
    world.clock.now = now
    await world.acting(system, createPublisherKey)
    const partner = await newPartner(world, "validate")
    const two = await newPartner(world, "validate")
    const third = await newPartner(world, "entry")
    const shared = await write(world, { name: "w", tiers: ["validate", "advance", "entry"] })
    const x = await write(world, { name: "x", tiers: ["validate"] })
    const lead = (partner: TestPartner) =>
        world.acting(system, (ctx) => issueCredential(ctx, partner.lead.person, "token"))
    const tokens = {
        one: await createToken(world, partner),
        two: await createToken(world, two),
        third: await createToken(world, third),
        lead: await lead(partner),
        thirdLead: await lead(third),
    }
    return { its: world, one: partner, two, third, tokens, shared, x }
}

/** Ends the embargo and publishes everything that is not RED. */
export async function publish(world: Program, written: Written): Promise<void> {
    world.clock.now += hourMs
    await world.acting(system, (ctx) => endEmbargo(ctx, written.id))
    await world.acting(system, (ctx) => publishCase(ctx, written.id))
}

/** Publication settings with every format. */
export const publicly = ({ clock }: Program) =>
    ({ endsAt: clock.now + hourMs, tiers: ["publication"], isPackage: true }) as const

/** Returns the words that these answers contain. */
export const wordsIn = (looks: readonly Look[], words: Readonly<Record<string, string>>) =>
    Object.keys(words).filter((subject) =>
        looks.some((look) => (look.headers + look.body).includes(words[subject] ?? "")),
    )
