/** Tests which staff could read a master. */
import { expect, test } from "vitest"
import type { OperatorRole } from "../../../../server/src/kernel/actor.ts"
import { masterReaders } from "./master-readers.ts"

const person = (id: string, roles: OperatorRole[], left = false) => ({ id, name: id, roles, left })
const staff = [
    person("author", ["author"]),
    person("approver", ["approver"]),
    person("manager", ["manager", "admin", "investigator", "auditor"]),
    person("admin", ["admin", "auditor"]),
    person("gone", ["author", "approver"], true),
]
const conditions = (artifactClass: Parameters<typeof masterReaders>[1]) =>
    masterReaders(staff, artifactClass).map(({ person: { id }, condition }) => [id, condition])

test("an author reads a master alone, an approver with a second person, an investigator only what leaked", () => {
    expect(conditions("technical")).toEqual([
        ["author", "alone"],
        ["approver", "consent"],
        ["manager", "leak"],
    ])
})

test("a proof of concept of another author needs a second person for each", () => {
    expect(conditions("poc")).toEqual([
        ["author", "consent"],
        ["approver", "consent"],
        ["manager", "leak"],
    ])
})
