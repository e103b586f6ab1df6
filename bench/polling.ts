/**
 * Partners' machines that poll TAXII: a page of a hundred objects, the first and the last there is; a poll that finds nothing;
 * all of them, a thousand a page; and a post of a hundred, each decided anew, recorded and committed. Beside a bare server that
 * sends as many bytes as a page has. With few objects and with many.
 */
import { randomUUID } from "node:crypto"
import http from "node:http"
import { addArtifact } from "../src/share/artifacts/actions.ts"
import { openCase } from "../src/share/cases/actions.ts"
import { agreeEmbargo } from "../src/share/cases/actions/embargo.ts"
import { releasing, requestRelease } from "../src/share/release/actions.ts"
import { approval, signApproval } from "../src/trust/approvals/actions.ts"
import { planWaves, wavesOf } from "../src/share/waves/actions.ts"
import { dayMs } from "../src/lib/instant.ts"
import { type Answered, type Servers, answersPerSecond, ask } from "./asking.ts"
import { type Figure, type Reading, besideLimits, percent, readingOf, secondsOf, shown } from "./measure.ts"
import type { BenchProgram } from "./program.ts"

const clients = 4
const rounds = 3
const roundMs = 2000
const objectsOfFile = 500
const objects = "/taxii2/api/collections/warnings/objects/"

export async function polling(its: BenchProgram, servers: Servers, sizes: readonly number[]): Promise<Figure> {
    const lines: [string, string][] = []
    let files = 0
    for (const size of sizes) {
        for (; files * objectsOfFile < size; files++) await addIndicators(its, files)
        lines.push(...(await measured(its, servers, files * objectsOfFile)))
    }
    const title = `TAXII, ${clients} clients of one partner each; authorised and recorded at each request`
    return { title, lines, floor: null }
}

async function measured(its: BenchProgram, servers: Servers, size: number): Promise<[string, string][]> {
    const asking = its.fetchers.slice(0, clients).map(({ token }) => ({ port: servers.portal, token }))
    const [first] = asking
    if (!first) throw new Error("nobody polls")
    const ends = new Map<string, string>()
    for (const each of asking) ends.set(each.token, (await walk(each)).at(-1) ?? "")
    const seconds = await secondsOf(() => walk(first))
    const start = `${objects}?limit=100`
    const from = encodeURIComponent("2100-01-01T00:00:00Z")
    const { bytes } = await got({ ...first, path: start })
    const at = (pathOf: (token: string) => string) => () =>
        answersPerSecond(
            asking.map((one) => ({ ...one, path: pathOf(one.token) })),
            roundMs,
        )
    const bare = asking.map(() => ({ port: servers.bare, path: `/bytes/${bytes}` }))
    const page = await besideLimits(
        rounds,
        at(() => start),
        [() => answersPerSecond(bare, roundMs)],
    )
    const deep = await repeated(at((token) => `${start}&next=${ends.get(token)}`))
    const empty = await repeated(at(() => `${objects}?added_after=${from}`))
    const posts = await posted(asking, size / objectsOfFile)
    return [
        [`${size} objects: a page of 100, ${bytes} bytes`, shown(page.measured, "/s")],
        ["  a bare server that sends as many", shown(page.limits[0] ?? readingOf([]), "/s")],
        ["  of it", percent(page.ratios[0] ?? readingOf([]))],
        ["  the last page of 100 there is", shown(deep, "/s")],
        ["  a poll that finds nothing", shown(empty, "/s")],
        ["  all of them, 1000 a page", `${seconds.toFixed(2)} s`],
        [`  posts of ${objectsOfPost} objects, on the disk when they are answered`, `${posts.toFixed(1)} /s`],
    ]
}

async function repeated(round: () => Promise<number>): Promise<Reading> {
    const values: number[] = []
    for (let n = 0; n < rounds; n++) values.push(await round())
    return readingOf(values)
}

type Asking = { readonly port: number; readonly token: string }

async function got(of: Asking & { readonly path: string }): Promise<Answered> {
    const agent = new http.Agent({ keepAlive: true })
    const answer = await ask({ ...of, agent })
    agent.destroy()
    if (answer.status !== 200) throw new Error(`${of.path} was answered with ${answer.status}`)
    return answer
}

/** The `next` of each page but the last. */
async function walk({ port, token }: Asking): Promise<string[]> {
    const pages: string[] = []
    for (let next = ""; ;) {
        const answer = await fetch(`http://127.0.0.1:${port}${objects}?limit=1000${next && `&next=${next}`}`, {
            headers: { authorization: `Bearer ${token}` },
        })
        if (answer.status !== 200) throw new Error(`a walk was answered with ${answer.status}: ${await answer.text()}`)
        const page = (await answer.json()) as { next?: string }
        if (page.next === undefined) return pages
        pages.push((next = page.next))
    }
}

const postsOfEach = 10
const objectsOfPost = 100

/** Posts a second: a sighting with what was seen, each of another warning. */
async function posted(asking: readonly Asking[], files: number): Promise<number> {
    const seconds = await secondsOf(() =>
        Promise.all(
            asking.map(async ({ port, token }) => {
                for (let n = 0; n < postsOfEach; n++) {
                    const answer = await fetch(`http://127.0.0.1:${port}/taxii2/api/collections/sightings/objects/`, {
                        method: "POST",
                        headers: {
                            authorization: `Bearer ${token}`,
                            "content-type": "application/taxii+json;version=2.1",
                        },
                        body: JSON.stringify({ objects: sighted(uuidOf(n % files, 0)) }),
                    })
                    const text = await answer.text()
                    const { success_count: count } = JSON.parse(text) as { success_count?: number }
                    if (count !== objectsOfPost) throw new Error(`a post was answered with ${answer.status}: ${text}`)
                }
            }),
        ),
    )
    return (asking.length * postsOfEach) / seconds
}

function sighted(indicator: string): object[] {
    const at = new Date().toISOString()
    const known = { spec_version: "2.1", created: at, modified: at }
    const addresses = Array.from({ length: objectsOfPost - 2 }, (_, n) => ({
        ...{ type: "ipv4-addr", spec_version: "2.1", id: `ipv4-addr--${randomUUID()}`, value: `203.0.113.${n}` },
    }))
    const refs = addresses.map(({ id }) => id)
    const data = {
        ...{
            type: "observed-data",
            ...known,
            id: `observed-data--${randomUUID()}`,
            first_observed: at,
            last_observed: at,
        },
        ...{ number_observed: 1, object_refs: refs },
    }
    const sighting = {
        ...{ type: "sighting", ...known, id: `sighting--${randomUUID()}`, first_seen: at, last_seen: at, count: 1 },
        ...{ sighting_of_ref: `indicator--${indicator}`, observed_data_refs: [data.id] },
    }
    return [sighting, data, ...addresses]
}

/** Another case with 500 indicators, which the partners' wave lets out. */
async function addIndicators(its: BenchProgram, number: number): Promise<void> {
    const add = async (act: Parameters<typeof openCase>[0]) => {
        const vulnerabilities = [
            {
                cve: "CVE-2025-49704",
                cwe: "CWE-94",
                score: 8.8,
                vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
            },
        ]
        const id = await openCase(act, { title: "One that is polled", vulnerabilities, products: [], finder: "us" })
        await agreeEmbargo(act, id, act.now + 13 * dayMs)
        const content = JSON.stringify({
            type: "bundle",
            id: `bundle--${uuidOf(number, 0)}`,
            objects: indicators(number),
        })
        const name = "indicators.json"
        await addArtifact(act, { case: id, class: "indicators", tlp: "AMBER", pap: "AMBER", name, content })
        await planWaves(act, id)
        return id
    }
    const id = await its.acting(its.author, add)
    await its.acting(its.author, async (act) => {
        const wave = (await wavesOf(act, id)).find(({ tier }) => tier === "validate")
        if (!wave) throw new Error("no wave was planned")
        const asked = await requestRelease(act, wave.id)
        const signing = { ...act, actor: its.approver }
        await signApproval(signing, asked, (await approval(signing, asked)).effectsHash)
    })
    await releasing.run(its.doors)
}

const uuidOf = (file: number, n: number): string =>
    `00000000-0000-4000-8000-${(file * objectsOfFile + n).toString(16).padStart(12, "0")}`

function indicators(file: number): object[] {
    const at = "2025-07-08T17:00:00.000Z"
    return Array.from({ length: objectsOfFile }, (_, n) => ({
        ...{ type: "indicator", spec_version: "2.1", id: `indicator--${uuidOf(file, n)}` },
        ...{ created: at, modified: at, name: `An address that was seen, number ${n}` },
        pattern: `[ipv4-addr:value = '198.51.${n >> 8}.${n & 255}']`,
        ...{ pattern_type: "stix", valid_from: at },
    }))
}
