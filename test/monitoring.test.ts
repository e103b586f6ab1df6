/** Checks that the documented metrics, the dashboard and the alerts name metrics that `/metrics` has. */
import fs from "node:fs"
import { afterAll, beforeAll, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { openMetrics } from "../server/src/commands/metrics.ts"
import { jobs } from "../server/src/background-jobs.ts"
import { jobNamesOf } from "../server/src/kernel/worker.ts"
import { readinessOptionsOf } from "../server/src/server.ts"
import { readinessOf } from "../server/src/platform/http/readiness.ts"
import { type Program, createProgram, newArtifact, newCase, newPartner } from "./support/program.ts"

let world: Program
let text = ""
/** Before a partner could get anything. */
let textBefore = ""

beforeAll(async () => {
    world = await createProgram()
    const { services, clock } = world
    const caseId = await newCase(world, "toolshell")
    const readiness = readinessOf(readinessOptionsOf(services, { folders: [], diskFreeMin: 0 }))
    const pools = { program: world.database.db }
    const metrics = openMetrics({ services, readiness, jobs: jobNamesOf(jobs), pools, keyRefusals: new Map() })
    // Waves of the case fall in the next 24 hours.
    clock.now = parseInstant("2025-07-07T18:00:00Z")
    textBefore = (await metrics.text()).text
    await newPartner(world, "validate")
    await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    metrics.observe({ side: "portal", method: "GET", route: "/api/warnings", status: 200, seconds: 0.1 })
    text = (await metrics.text()).text
}, 60_000)
afterAll(() => world.database.close())

const read = (file: string) => fs.readFileSync(file, "utf8")

/** Names of all metrics of Tocsin. A histogram has three series. */
const existing = () =>
    new Set(
        [...text.matchAll(/^# TYPE (tocsin_\w+) (\w+)$/gm)].flatMap(([, name = "", kind]) =>
            kind === "histogram" ? [name, `${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
        ),
    )
const namesIn = (source: string) => new Set(source.match(/\btocsin_\w+/g))

test("the page lists every metric, and no other", () => {
    const listed = namesIn(read("docs/operate/monitor.md").split("## Metrics")[1] ?? "")
    const declared = new Set([...text.matchAll(/^# TYPE (tocsin_\w+)/gm)].map(([, name]) => name))
    expect([...listed].toSorted()).toEqual([...declared].toSorted())
})

test.each(["deploy/prometheus/alerts.yml", "deploy/grafana/tocsin.json"])("%s uses metrics that exist", (file) => {
    const used = namesIn(read(file))
    expect(used.size).toBeGreaterThan(8)
    expect([...used].filter((name) => !existing().has(name))).toEqual([])
})

test("each alert says what is wrong and what to do, and the page lists it", () => {
    const rules = read("deploy/prometheus/alerts.yml").split("- alert: ").slice(1)
    const page = read("docs/operate/monitor.md")
    expect(rules.length).toBeGreaterThan(10)
    for (const rule of rules) {
        expect(rule).toMatch(/^Tocsin\w+\n +expr: .+\n +for: \d+[mh]\n +labels: \{ severity: (critical|warning) \}\n/)
        expect(rule).toMatch(/ +annotations:\n +summary: .+\.\n +runbook: .+\.\n/)
        expect(page).toContain(`\`${rule.split("\n")[0]}\``)
    }
})

test("the figures are those of the database", () => {
    expect(text).toMatch(/^tocsin_upcoming_waves\{approval="missing"\} [1-9]/m)
    // A wave that opens nothing cannot be approved.
    expect(textBefore).toMatch(/^tocsin_upcoming_waves\{approval="missing"\} 0$/m)
    expect(text).toMatch(/^tocsin_audit_log_unsequenced_events [1-9]/m)
    expect(text).toMatch(/^tocsin_audit_log_damaged 0$/m)
    expect(text).toMatch(/^tocsin_feed_leases_disabled 0$/m)
})
