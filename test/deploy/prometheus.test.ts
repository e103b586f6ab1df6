/** The alert rules and the dashboard's expressions, as Prometheus itself reads them. */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { describe, expect, test } from "vitest"

const isThere = spawnSync("promtool", ["--version"]).status === 0
const check = (file: string) => spawnSync("promtool", ["check", "rules", "--lint-fatal", file], { encoding: "utf8" })

interface Dashboard {
    readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[]
}

describe.skipIf(!isThere)("promtool (on machines that have it)", () => {
    test("reads the alerts", () => {
        expect(check("deploy/prometheus/alerts.yml")).toMatchObject({ status: 0 })
    })

    test("reads each expression of the dashboard", () => {
        const { panels } = JSON.parse(fs.readFileSync("deploy/grafana/tocsin.json", "utf8")) as Dashboard
        const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
        const rules = expressions.map((expr, n) => ({ record: `panel:${n}`, expr }))
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-rules-"))
        // JSON is YAML.
        fs.writeFileSync(path.join(folder, "rules.yml"), JSON.stringify({ groups: [{ name: "panels", rules }] }))
        expect(check(path.join(folder, "rules.yml"))).toMatchObject({ status: 0 })
        fs.rmSync(folder, { recursive: true })
    })
})
