/**
 * Cases with indicators that the partners' wave releases, as content to poll. The first two hundred have one file of
 * five hundred each; later ones have forty files of that size, the maximum.
 */
import { setTimeout as pause } from "node:timers/promises"
import { dayMs } from "@tocsin/base/instant"
import { addArtifact } from "../server/src/share/artifacts/actions/add-artifact.ts"
import { openCase } from "../server/src/share/cases/actions/open-case.ts"
import { agreeEmbargo } from "../server/src/share/cases/actions/negotiate-embargo.ts"
import { releaseWavesJob, requestRelease } from "../server/src/share/release/actions/release-wave.ts"
import { planWaves, listWaves } from "../server/src/share/waves/actions.ts"
import { loadApproval } from "../server/src/trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../server/src/trust/approvals/actions/request-approval.ts"
import type { ActionContext } from "../server/src/kernel/action-context.ts"
import type { BenchProgram } from "./program.ts"

const objectsOfFile = 500
const smallCases = 200
const filesOfLarge = 40
/** The number of cases that are opened, requested and released per transaction. */
const casesPerTransaction = 20
const quietMs = 3000

/** Counts the indicators in the first cases. */
export const indicatorsOf = (cases: number): number =>
    objectsOfFile * (Math.min(cases, smallCases) + filesOfLarge * Math.max(cases - smallCases, 0))

/** Adds cases in this range, and completes all work of the worker. */
export async function addCases(world: BenchProgram, from: number, to: number): Promise<void> {
    for (let first = from; first < to; first += casesPerTransaction) {
        const numbers = Array.from({ length: Math.min(casesPerTransaction, to - first) }, (_, n) => first + n)
        await world.acting(world.author, async (ctx) => {
            for (const number of numbers) await requestFirstWave(ctx, world, await openCaseWithIndicators(ctx, number))
        })
        await releaseWavesJob.run(world.services)
        await completePendingEvents(world)
    }
    await waitUntilIdle(world)
}

async function openCaseWithIndicators(ctx: ActionContext, number: number): Promise<string> {
    const vulnerabilities = [
        {
            cve: "CVE-2025-49704",
            cwe: "CWE-94",
            products: [],
            score: 8.8,
            vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
        },
    ]
    const id = await openCase(ctx, { title: "One that is polled", vulnerabilities, finder: "us" })
    await agreeEmbargo(ctx, id, ctx.now + 13 * dayMs)
    for (let first = indicatorsOf(number); first < indicatorsOf(number + 1); first += objectsOfFile) {
        const bundle = { type: "bundle", id: `bundle--${uuidOf(first)}`, objects: indicators(first) }
        const [name, content] = [`indicators-${first}.json`, JSON.stringify(bundle)]
        await addArtifact(ctx, { case: id, class: "indicators", tlp: "AMBER", pap: "AMBER", name, content })
    }
    await planWaves(ctx, id)
    return id
}

async function requestFirstWave(ctx: ActionContext, { approver }: BenchProgram, id: string): Promise<void> {
    const wave = (await listWaves(ctx, id)).find(({ tier }) => tier === "validate")
    if (!wave) throw new Error("no wave was planned")
    const request = await requestRelease(ctx, wave.id)
    const signing = { ...ctx, actor: approver }
    await signApproval(signing, request, (await loadApproval(signing, request)).effectsHash)
}

/**
 * Completes the follow-up of a release: a notice for each person of 330 partners, in one transaction each. For 200
 * cases, the worker takes a quarter of an hour in the thread that answers polls. Polls do not show it.
 */
async function completePendingEvents({ services }: BenchProgram): Promise<void> {
    await services.db.transaction(async (tx) => {
        await tx.query("delete from pending_events")
        await tx.query("delete from notices where state = 'due'")
    })
}

/** Waits until every event is a leaf, no event is pending, and nothing new has come for a while. */
export async function waitUntilIdle(world: BenchProgram): Promise<void> {
    for (let lastNewest = -1; ;) {
        const { pending, newest } = await countPending(world)
        if (pending === 0 && newest === lastNewest) break
        lastNewest = newest
        await completePendingEvents(world)
        await pause(quietMs)
    }
    await world.services.db.transaction((tx) => tx.query("analyze"))
}

async function countPending({ services }: BenchProgram): Promise<{ pending: number; newest: number }> {
    const [row] = await services.db.transaction((tx) =>
        tx.query<{ pending: number; newest: number }>(
            `select (select count(*) from unsequenced_events) + (select count(*) from pending_events)
             + (select count(*) from notices where state = 'due') as pending, (select max(seq) from events) as newest`,
        ),
    )
    if (!row) throw new Error("no row was counted")
    return row
}

/** Returns an indicator by its number. */
export const uuidOf = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`

function indicators(first: number): object[] {
    const at = "2025-07-08T17:00:00.000Z"
    return Array.from({ length: objectsOfFile }, (_, n) => ({
        type: "indicator",
        spec_version: "2.1",
        id: `indicator--${uuidOf(first + n)}`,
        created: at,
        modified: at,
        name: `An address that was seen, number ${n}`,
        pattern: `[ipv4-addr:value = '198.51.${n >> 8}.${n & 255}']`,
        pattern_type: "stix",
        valid_from: at,
    }))
}
