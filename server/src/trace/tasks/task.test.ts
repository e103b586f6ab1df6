import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs, hourMs } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import type { OperatorRole } from "../../kernel/actor.ts"
import { type Deputy, isActive, validateDeputy, rolesInCommon, standsInFor } from "./deputy.ts"
import {
    type TaskKind,
    type Task,
    byUrgency,
    keyOf,
    taskKinds,
    mayAct,
    noticeStepsOf,
    isTaskOf,
    withPresentOwner,
} from "./task.ts"

const item = (kind: TaskKind, task: Partial<Task> = {}): Task => ({
    kind,
    about: "a",
    action: null,
    partner: null,
    case: null,
    since: 0,
    until: null,
    excluded: [],
    onlyFor: null,
    owner: null,
    reason: null,
    ...task,
})
const person = (id: string, ...roles: OperatorRole[]) => ({ id, roles })

const lift = { action: "partner.relax_restriction" }

describe("owners of tasks", () => {
    test.each<[string, Task, ReturnType<typeof person>, string[], boolean]>([
        ["an approver", item("signature"), person("p", "approver"), [], true],
        ["no author", item("signature"), person("p", "author"), [], false],
        ["not whoever asked", item("signature", { excluded: ["p"] }), person("p", "approver"), [], false],
        ["those in it", item("signature", { onlyFor: ["p"] }), person("p", "approver"), [], true],
        ["nobody outside", item("signature", { onlyFor: ["q"] }), person("p", "approver"), [], false],
        ["its owner", item("apply", { ...lift, owner: "p" }), person("p", "manager"), [], true],
        ["no other's", item("apply", { ...lift, owner: "q" }), person("p", "manager"), [], false],
        ["a deputy of its owner", item("apply", { ...lift, owner: "q" }), person("p", "manager"), ["q"], true],
        ["no deputy without the role", item("apply", { ...lift, owner: "q" }), person("p", "auditor"), ["q"], false],
        ["no deputy who may not", item("signature", { excluded: ["p"] }), person("p", "approver"), ["q"], false],
        ["no deputy outside", item("signature", { onlyFor: ["q"] }), person("p", "approver"), ["q"], false],
        ["a manager", item("review"), person("p", "manager"), [], true],
        ["not whoever took it", item("review", { excluded: ["p"] }), person("p", "manager"), [], false],
        ["an author", item("embargo"), person("p", "author"), [], true],
        ["whoever may sign a wave anew", item("release_again"), person("p", "approver"), [], true],
        ["whoever may ask for it", item("release_again"), person("p", "author"), [], true],
        ["whoever may mend what was refused", item("publication"), person("p", "author"), [], true],
        ["and no approver", item("publication"), person("p", "approver"), [], false],
        ["and nobody else", item("release_again"), person("p", "admin"), [], false],
        ["whoever may ask anew", item("request_again", lift), person("p", "manager"), [], true],
        ["no other", item("request_again", lift), person("p", "author"), [], false],
    ])("%s", (_, it, person, behind, expected) => {
        expect(isTaskOf(it, person, behind)).toBe(expected)
    })

    test.each<[string, ReturnType<typeof person>[], string | null]>([
        ["stays its own while it may act", [person("p", "author"), person("q", "author")], "p"],
        ["is everybody's once it has left", [person("q", "author")], null],
        ["is everybody's once it lacks the role", [person("p", "manager"), person("q", "author")], null],
    ])("the tasks of one person %s", (_, here, owner) => {
        expect(withPresentOwner(item("embargo", { owner: "p" }), here).owner).toBe(owner)
    })

    test("never lets a deputy act who could not act before", () => {
        const roles = fc.subarray<OperatorRole>(["author", "manager", "investigator", "approver", "auditor", "admin"])
        const names = fc.subarray(["p", "q", "r"])
        const it = fc.record({ kind: fc.constantFrom(...taskKinds), excluded: names, onlyFor: fc.option(names) })
        fc.assert(
            fc.property(it, roles, names, fc.constantFrom("p", "q", null), (subject, held, behind, owner) => {
                const task = item(subject.kind, { ...subject, owner })
                if (isTaskOf(task, person("p", ...held), behind)) expect(mayAct(task, person("p", ...held))).toBe(true)
            }),
        )
    })
})

describe("notices", () => {
    test.each<[TaskKind, number | null, number, string[]]>([
        ["signature", 24 * hourMs, 0, ["opened"]],
        ["signature", 24 * hourMs, 18 * hourMs - 1, ["opened"]],
        ["signature", 24 * hourMs, 18 * hourMs, ["opened", "due_soon"]],
        ["review", 14 * dayMs, 11 * dayMs, ["opened", "due_soon"]],
        ["review", 14 * dayMs, 14 * dayMs, ["opened", "due_soon", "overdue"]],
        ["decision", null, 99 * dayMs, ["opened"]],
    ])("of a %s until %s at %s are %j", (kind, until, now, expected) => {
        expect(noticeStepsOf(item(kind, { until }), now)).toEqual(expected)
    })

    test("treats a postponed review as a new task", () => {
        expect(keyOf(item("review", { until: 1 }))).not.toBe(keyOf(item("review", { until: 2 })))
    })

    test("sorts the earliest expiry first", () => {
        const tasks = [item("decision", { since: 1 }), item("review", { until: 9 }), item("signature", { until: 3 })]
        expect(tasks.toSorted(byUrgency).map(({ kind }) => kind)).toEqual(["signature", "review", "decision"])
    })
})

describe("a deputy", () => {
    const deputy = (deputy: Partial<Deputy> = {}): Deputy => ({
        id: "d",
        person: "p",
        deputy: "q",
        from: 10,
        until: 20,
        endedAt: null,
        ...deputy,
    })
    const managers = ["p", "q", "r"].map((id) => person(id, "manager"))
    test.each<[string, Deputy, number, boolean]>([
        ["begins at its instant", deputy(), 10, true],
        ["and not before", deputy(), 9, false],
        ["is over at its end", deputy(), 20, false],
        ["is over when it was ended", deputy({ endedAt: 12 }), 13, false],
    ])("%s", (_, it, now, expected) => {
        expect(isActive(it, now)).toBe(expected)
        expect(standsInFor([it], managers, "q", now)).toEqual(expected ? ["p"] : [])
    })

    test("has no deputies of its own", () => {
        const deputies = [deputy(), deputy({ person: "q", deputy: "r" })]
        expect(standsInFor(deputies, managers, "r", 15)).toEqual(["q"])
    })

    test.each<[string, OperatorRole[], OperatorRole[], OperatorRole[]]>([
        ["in the roles that both hold", ["author", "manager"], ["approver", "manager"], ["manager"]],
        ["in none that only one holds", ["manager"], ["approver", "admin"], []],
        ["in none in which nothing waits", ["auditor"], ["auditor"], []],
    ])("acts in %s", (_, operatorRoles, deputys, expected) => {
        expect(rolesInCommon(operatorRoles, deputys)).toEqual(expected)
        const here = [person("p", ...operatorRoles), person("q", ...deputys)]
        expect(standsInFor([deputy()], here, "q", 15)).toEqual(expected.length > 0 ? ["p"] : [])
    })

    test("does not count once it or its principal has left", () => {
        for (const here of [[person("p", "manager")], [person("q", "manager")], []]) {
            expect(standsInFor([deputy()], here, "q", 15)).toEqual([])
        }
    })

    test.each([
        ["oneself", { deputy: "p" }, "deputy.own_deputy"],
        ["from before now", { from: -1 }, "deputy.bad_start"],
        ["from too far ahead", { from: 367 * dayMs, until: 368 * dayMs }, "deputy.bad_start"],
        ["until before it begins", { until: 10 }, "deputy.bad_end"],
        ["without end", { until: 10 + 92 * dayMs + 1 }, "deputy.bad_end"],
        ["for a quarter", { until: 10 + 92 * dayMs }, "done"],
    ])("%s: %s", (_, subject, expected) => {
        let input = "done"
        try {
            validateDeputy(deputy(subject), 0)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            input = error.code
        }
        expect(input).toBe(expected)
    })
})
