/** The rules about names and places, each with a planted fault. */
import { expect, test } from "vitest"
import { houseOf } from "./architecture/source.ts"
import { eitherLaw, nameLaw } from "./architecture/tidy.ts"

test("a banned name is found wherever it is bound", () => {
    const faultsOf = (text: string) => nameLaw(houseOf({ "server/src/kernel/a.ts": text })).length
    expect(faultsOf("export const told = 1")).toBe(1)
    expect(faultsOf("export function anew() {}")).toBe(1)
    expect(faultsOf("export const f = ({ kind: said }, [one], its = 1) => [said, one, its]")).toBe(3)
    expect(faultsOf("export const f = ({ told: notified }) => notified.standing")).toBe(0)
})

test("a file beside a folder of its name is found", () => {
    const faultsOf = (...files: string[]) => eitherLaw(houseOf(Object.fromEntries(files.map((file) => [file, ""]))))
    expect(faultsOf("server/src/share/cases/store.ts", "server/src/share/cases/store/cases.ts")).toHaveLength(1)
    expect(faultsOf("server/src/share/cases/store.ts", "server/src/share/waves/store/waves.ts")).toEqual([])
})
