/**
 * Three partners, and cases that not all of them have. What each thing says of itself has a word in it that stands nowhere
 * else, so that whoever shows it is found out by the word.
 */
import { readContent } from "../../src/demo/content.ts"
import { type Instant, dayMs, hourMs, parseInstant } from "../../src/lib/instant.ts"
import { addArtifact } from "../../src/share/artifacts/actions.ts"
import type { ArtifactClass, Tlp } from "../../src/share/artifacts/artifact.ts"
import { openCase } from "../../src/share/cases/actions.ts"
import { agreeEmbargo, endEmbargo } from "../../src/share/cases/actions/embargo.ts"
import { publishCase } from "../../src/share/publication/actions/publishing.ts"
import { makePublisherKey } from "../../src/share/publication/actions/signing.ts"
import { planWaves } from "../../src/share/waves/actions.ts"
import type { WaveTier } from "../../src/share/waves/wave.ts"
import { issueCredential } from "../../src/trust/identity/actions.ts"
import { system } from "../acting.ts"
import { tokenOf } from "../polled.ts"
import { type Program, type TestPartner, fall, newPartner, program } from "../program.ts"
import type { Look } from "./looking.ts"

/** When the waves of a case that was planned here have come, and publication has not. */
export const now = parseInstant("2025-07-04T17:00:00Z")
const publication = now + dayMs / 2

export interface Written {
    readonly id: string
    readonly artifacts: Readonly<Partial<Record<ArtifactClass, string>>>
    /** Each stands in this case and nowhere else. */
    readonly words: Readonly<Record<string, string>>
}

export interface Three {
    readonly its: Program
    /** Both have X; the third does not. */
    readonly one: TestPartner
    readonly two: TestPartner
    readonly third: TestPartner
    readonly tokens: Readonly<Record<"one" | "two" | "third" | "lead" | "thirdLead", string>>
    /** Everybody has it. */
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

/** Opened for each of these tiers; what is named last in `unopened` is written, and waits. */
export interface Telling {
    readonly name: string
    readonly tiers: readonly WaveTier[]
    readonly classes?: readonly ArtifactClass[]
    readonly unopened?: readonly ArtifactClass[]
    /** RED, where a class is not named. */
    readonly tlp?: Readonly<Partial<Record<ArtifactClass, Tlp>>>
    readonly title?: string
    readonly endsAt?: Instant
    /** Whether what it affects is a package too. */
    readonly isPackage?: boolean
}

/** A case in which every field says a word of its own: `zqtitlex` is the title's of the case `x`. */
export async function write(its: Program, { name, tiers, ...more }: Telling): Promise<Written> {
    const { classes = ["summary", "guidance", "rules"], unopened = ["poc"], tlp = {} } = more
    const word = (of: string) => `zq${of}${name}`
    const cve = `CVE-2025-${[...name].reduce((sum, one) => sum * 31 + one.charCodeAt(0), 77).toString()}0001`
    const names = [word("product"), ...(more.isPackage === true ? [`pkg:npm/${word("product")}`] : [])]
    const id = await its.acting(its.author, async (act) => {
        const opened = await openCase(act, {
            title: more.title ?? `About ${word("title")}`,
            vulnerabilities: [
                {
                    ...{ cve, cwe: "CWE-94", score: 8.8, vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" },
                    products: names.map((its) => ({ vendor: word("vendor"), name: its, fixedIn: word("version") })),
                },
            ],
            finder: word("finder"),
        })
        await agreeEmbargo(act, opened, more.endsAt ?? publication)
        await planWaves(act, opened)
        return opened
    })
    const artifacts: Partial<Record<ArtifactClass, string>> = {}
    for (const kind of [...classes, ...unopened]) {
        const labels = { tlp: tlp[kind] ?? "RED", pap: "RED" } as const
        const input = { case: id, class: kind, ...labels, ...contentOf(kind, word) }
        artifacts[kind] = await its.acting(its.author, (act) => addArtifact(act, input))
    }
    for (const tier of tiers)
        await fall(
            its,
            id,
            tier,
            classes.map((kind) => artifacts[kind] ?? ""),
        )
    const words = Object.fromEntries(
        ["title", "vendor", "product", "version", "finder", ...classes, ...unopened].map((of) => [of, word(of)]),
    )
    return { id, artifacts, words: { ...words, cve } }
}

/** The demonstration's text, and one line more. */
function contentOf(kind: ArtifactClass, word: (of: string) => string): { name: string; content: string } {
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
    const its = await program()
    its.clock.now = now
    await its.acting(system, makePublisherKey)
    const one = await newPartner(its, "validate")
    const two = await newPartner(its, "validate")
    const third = await newPartner(its, "entry")
    const shared = await write(its, { name: "w", tiers: ["validate", "advance", "entry"] })
    const x = await write(its, { name: "x", tiers: ["validate"] })
    const lead = (of: TestPartner) => its.acting(system, (act) => issueCredential(act, of.lead.person, "token"))
    const tokens = {
        ...{ one: await tokenOf(its, one), two: await tokenOf(its, two), third: await tokenOf(its, third) },
        ...{ lead: await lead(one), thirdLead: await lead(third) },
    }
    return { its, one, two, third, tokens, shared, x }
}

/** Ended, with what is not RED of it told to all. */
export async function publish(its: Program, written: Written): Promise<void> {
    its.clock.now += hourMs
    await its.acting(system, (act) => endEmbargo(act, written.id))
    await its.acting(system, (act) => publishCase(act, written.id))
}

/** To be published, in every form that there is. */
export const publicly = ({ clock }: Program) =>
    ({ endsAt: clock.now + hourMs, tiers: ["publication"], isPackage: true }) as const

/** Which of these stand anywhere. */
export const wordsIn = (looks: readonly Look[], words: Readonly<Record<string, string>>) =>
    Object.keys(words).filter((of) => looks.some((one) => (one.headers + one.body).includes(words[of] ?? "")))
