/**
 * Defines the ToolShell story: two cases, four CVEs, all instants, and the artifacts. The facts are public; the texts
 * under `content/` are this project's own.
 */
import { type Instant, parseInstant } from "@tocsin/base/instant"
import type { ArtifactClass, Pap, Tlp } from "../share/artifacts/artifact.ts"

export type CaseKey = "toolshell" | "bypass"

/** The format of a text, which selects the carrier of marks; `text` and `stix` have none. */
export type Format = "markdown" | "python" | "sigma" | "yara" | "suricata" | "stix" | "text"

export interface DemoArtifact {
    readonly class: ArtifactClass
    /** The file name that partners see. */
    readonly name: string
    readonly format: Format
    readonly tlp: Tlp
    readonly pap: Pap
    /** The path for `readContent`. */
    readonly file: string
}

export interface DemoCve {
    readonly id: string
    readonly title: string
    readonly weakness: { readonly id: string; readonly name: string }
    /** CVSS 3.1, base metrics only. */
    readonly cvss: { readonly score: number; readonly vector: string }
    readonly reservedAt: Instant
    readonly publishedAt: Instant
    /** The fixed builds. Every earlier build is affected. */
    readonly fixedBuilds: readonly { readonly product: string; readonly build: string }[]
}

export interface DemoCase {
    readonly key: CaseKey
    readonly title: string
    readonly finder: string
    readonly cves: readonly DemoCve[]
    readonly links: readonly { readonly kind: "bypass_of" | "variant_of"; readonly to: CaseKey }[]
    readonly openedAt: Instant
    /** When its texts were written. */
    readonly writtenAt: Instant
    /** When public texts replace the partners' texts: after the last wave before publication. */
    readonly publicTextAt: Instant
    /** The agreed end of the embargo. */
    readonly publication: Instant
    readonly timeline: readonly { readonly at: Instant; readonly description: string }[]
    readonly artifacts: readonly DemoArtifact[]
}

const at = parseInstant

const server2016 = "Microsoft SharePoint Enterprise Server 2016"
const server2019 = "Microsoft SharePoint Server 2019"
const subscription = "Microsoft SharePoint Server Subscription Edition"

const injection = { id: "CWE-94", name: "Improper Control of Generation of Code ('Code Injection')" }
const authentication = { id: "CWE-287", name: "Improper Authentication" }
const deserialisation = { id: "CWE-502", name: "Deserialization of Untrusted Data" }

const authenticationScore = { score: 6.5, vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:N" }

const julyEarly = [
    { product: server2016, build: "16.0.5508.1000" },
    { product: server2019, build: "16.0.10417.20027" },
]

const julyLate = [
    { product: server2016, build: "16.0.5513.1001" },
    { product: server2019, build: "16.0.10417.20037" },
    { product: subscription, build: "16.0.18526.20508" },
]

/** Labels by class: content for in-house action, and content for single people only. */
const labels: Readonly<Record<ArtifactClass, { readonly tlp: Tlp; readonly pap: Pap }>> = {
    summary: { tlp: "AMBER+STRICT", pap: "AMBER" },
    technical: { tlp: "AMBER+STRICT", pap: "AMBER" },
    guidance: { tlp: "AMBER+STRICT", pap: "GREEN" },
    indicators: { tlp: "AMBER+STRICT", pap: "AMBER" },
    rules: { tlp: "AMBER+STRICT", pap: "GREEN" },
    repro: { tlp: "RED", pap: "RED" },
    poc: { tlp: "RED", pap: "RED" },
    patch: { tlp: "AMBER+STRICT", pap: "AMBER" },
}

function artifact(key: CaseKey, kind: ArtifactClass, name: string, format: Format): DemoArtifact {
    return { class: kind, name, format, ...labels[kind], file: `${key}/${name}` }
}

export const toolshell: DemoCase = {
    key: "toolshell",
    title: "SharePoint Server: sign-in bypass and code injection",
    finder: "a contestant of Pwn2Own Berlin 2025",
    cves: [
        {
            id: "CVE-2025-49704",
            title: "Code injection in SharePoint Server by a signed-in user",
            weakness: injection,
            cvss: { score: 8.8, vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" },
            reservedAt: at("2025-06-09T19:59:44.875Z"),
            publishedAt: at("2025-07-08T16:58:05.908Z"),
            fixedBuilds: julyEarly,
        },
        {
            id: "CVE-2025-49706",
            title: "Improper authentication in SharePoint Server",
            weakness: authentication,
            cvss: authenticationScore,
            reservedAt: at("2025-06-09T19:59:44.875Z"),
            publishedAt: at("2025-07-08T16:58:07.343Z"),
            fixedBuilds: [...julyEarly, { product: subscription, build: "16.0.18526.20424" }],
        },
    ],
    links: [],
    openedAt: at("2025-06-09T19:59:44.875Z"),
    writtenAt: at("2025-06-20T09:00:00Z"),
    publicTextAt: at("2025-07-08T09:00:00Z"),
    publication: at("2025-07-08T17:00:00Z"),
    timeline: [
        { at: at("2025-05-15T00:00:00Z"), description: "The chain is shown at Pwn2Own Berlin (15 to 17 May)" },
        { at: at("2025-06-09T19:59:44.875Z"), description: "CVE-2025-49704 and CVE-2025-49706 are reserved" },
        { at: at("2025-06-20T09:00:00Z"), description: "The warning is written" },
    ],
    artifacts: [
        artifact("toolshell", "summary", "summary.md", "markdown"),
        artifact("toolshell", "technical", "technical.md", "markdown"),
        artifact("toolshell", "guidance", "guidance.md", "markdown"),
        artifact("toolshell", "indicators", "indicators.json", "stix"),
        artifact("toolshell", "rules", "request-web-log.yml", "sigma"),
        artifact("toolshell", "rules", "worker-process.yml", "sigma"),
        artifact("toolshell", "rules", "layouts-page.yar", "yara"),
        artifact("toolshell", "rules", "request.rules", "suricata"),
        artifact("toolshell", "repro", "repro.md", "markdown"),
        artifact("toolshell", "poc", "poc.py", "python"),
        artifact("toolshell", "patch", "updates.txt", "text"),
    ],
}

export const bypass: DemoCase = {
    key: "bypass",
    title: "SharePoint Server: the July correction is bypassed",
    finder: "unknown; observed in attacks",
    cves: [
        {
            id: "CVE-2025-53770",
            title: "Deserialisation of untrusted data in SharePoint Server",
            weakness: deserialisation,
            cvss: { score: 9.8, vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" },
            reservedAt: at("2025-07-09T13:25:25.500Z"),
            publishedAt: at("2025-07-20T01:06:33.607Z"),
            fixedBuilds: julyLate,
        },
        {
            id: "CVE-2025-53771",
            title: "Improper authentication in SharePoint Server, bypassing an earlier correction",
            weakness: authentication,
            cvss: authenticationScore,
            reservedAt: at("2025-07-09T13:25:25.501Z"),
            publishedAt: at("2025-07-20T22:16:52.203Z"),
            fixedBuilds: julyLate,
        },
    ],
    links: [{ kind: "bypass_of", to: "toolshell" }],
    openedAt: at("2025-07-09T13:25:25.501Z"),
    writtenAt: at("2025-07-19T18:00:00Z"),
    publicTextAt: at("2025-07-19T18:00:00Z"),
    publication: at("2025-07-20T01:06:33Z"),
    timeline: [
        { at: at("2025-07-09T13:25:25.501Z"), description: "CVE-2025-53770 and CVE-2025-53771 are reserved" },
        { at: at("2025-07-17T00:00:00Z"), description: "Mass exploitation begins (17 to 19 July)" },
        { at: at("2025-07-19T18:00:00Z"), description: "The warning is written" },
    ],
    artifacts: [
        artifact("bypass", "summary", "summary.md", "markdown"),
        artifact("bypass", "technical", "technical.md", "markdown"),
        artifact("bypass", "guidance", "guidance.md", "markdown"),
        artifact("bypass", "indicators", "indicators.json", "stix"),
        artifact("bypass", "rules", "request-web-log.yml", "sigma"),
        artifact("bypass", "poc", "poc.py", "python"),
        artifact("bypass", "patch", "updates.txt", "text"),
    ],
}

export const demoCases: readonly DemoCase[] = [toolshell, bypass]

/** Returns the public text that replaces this artifact's; null where there is none. */
export function publicFile({ key, artifacts }: DemoCase, name: string): string | null {
    const artifact = artifacts.find((demoArtifact) => demoArtifact.name === name)
    return artifact?.class === "summary" || artifact?.class === "guidance"
        ? `${key}/${name.replace(/\.md$/, ".public.md")}`
        : null
}

/** The demonstration's clock at the start. */
export const demoStart = at("2025-06-23T00:00:00Z")
