import { defineConfig } from "vitest/config"
import { slowFiles } from "./scripts/slow-files.ts"

const isSlow = process.env["SLOW"] !== undefined
const left = isSlow ? [] : slowFiles

/** In ms, and generous: many random cases take minutes on a busy machine. */
const testTimeout = isSlow ? 600_000 : 60_000

/** A poll ends as soon as it passes: the limit, in ms, is for a busy machine. */
const expect = { poll: { timeout: 30_000 } }

/** Modules are shared between the files of a worker: nothing here mocks them, and every database is one's own. */
const shared = { expect, isolate: false, setupFiles: ["test/support/properties.ts"] }

export default defineConfig({
    test: {
        maxWorkers: 2,
        projects: [
            {
                test: {
                    ...shared,
                    name: "unit",
                    include: [
                        "packages/**/*.test.ts",
                        "web/**/*.test.ts",
                        "test/architecture.test.ts",
                        "test/abuse-cases.test.ts",
                        "test/lint.test.ts",
                        "test/messages.test.ts",
                        "test/reference.test.ts",
                        "test/years.test.ts",
                    ],
                    exclude: ["packages/client/**", "**/node_modules/**", ...left],
                    testTimeout,
                },
            },
            {
                test: {
                    ...shared,
                    name: "database",
                    include: ["packages/client/**/*.test.ts", "server/**/*.test.ts", "test/**/*.test.ts"],
                    exclude: [
                        "test/architecture.test.ts",
                        "test/abuse-cases.test.ts",
                        "test/lint.test.ts",
                        "test/messages.test.ts",
                        "test/reference.test.ts",
                        "test/years.test.ts",
                        ...left,
                    ],
                    globalSetup: ["test/support/cluster.ts"],
                    testTimeout,
                    hookTimeout: 120_000,
                },
            },
            {
                test: {
                    expect,
                    name: "browser",
                    include: ["test/browser/**/*.spec.ts"],
                    exclude: left,
                    testTimeout: 180_000,
                    hookTimeout: 180_000,
                    sequence: { groupOrder: 1 },
                },
            },
        ],
    },
})
