/** The programs that run: how many leak, how, and what other texts appear. */
import { strategies } from "../../bench/tracing/leaks.ts"
import type { Course } from "./playing.ts"
import type { Setting } from "./program.ts"

/** Three years. */
const setting: Setting = {
    cases: 24,
    partners: 40,
    slots: [60, 160],
    design: 2,
    isMarked: true,
    isMoving: true,
    forms: [2, 2, 2, 2, 2, 3, 2, 2, 2, 2, 2, 8],
}
const list = [...strategies, "erase what differs" as const]
const seldom = { chance: 0.04, read: [4, 60], noise: 0 } as const

const nobody: Course = {
    title: "nobody leaks",
    setting,
    leakers: 0,
    again: 1,
    isPlanned: true,
    leaks: { chance: 0, read: [0, 0], noise: 0, strategies: list },
    elsewhere: { chance: 0.1, read: [4, 50], noise: 0 },
}
const scraps: Course = {
    ...nobody,
    title: "nobody leaks, many scraps of each case",
    setting: { ...setting, cases: 8 },
    again: 14,
    isPlanned: false,
    elsewhere: { chance: 1, read: [3, 3], noise: 0 },
}
const little: Course = {
    title: "one passes on a little",
    setting,
    leakers: 1,
    again: 1,
    isPlanned: true,
    leaks: { chance: 0.12, read: [6, 16], noise: 0.02, strategies: list },
    elsewhere: seldom,
}
const whole: Course = {
    ...little,
    title: "one passes on whole copies",
    leaks: { chance: 0.08, read: [40, 120], noise: 0.02, strategies: list },
}
const merging: Course = {
    ...little,
    title: "three merge their copies",
    setting: { ...setting, design: 4 },
    leakers: 3,
    leaks: { chance: 0.08, read: [20, 100], noise: 0.02, strategies: list },
}
const polled: Course = {
    ...little,
    title: "one passes on what all could poll",
    leaks: { chance: 0.08, read: [6, 80], noise: 0.1, strategies: list, isPolled: true },
}

export const same: Course = {
    ...little,
    title: "everyone gets the same, and one leaks it",
    setting: { ...setting, isMarked: false },
    leaks: { chance: 0.5, read: [6, 160], noise: 0.02, strategies: list },
}

/** Of a hundred programs. */
export const mixture: readonly (readonly [course: Course, times: number])[] = [
    [nobody, 38],
    [scraps, 3],
    [little, 31],
    [whole, 8],
    [merging, 12],
    [polled, 8],
]

/** The number of colluders, every other case, and the readable slots per version. */
const leaking = (leakers: number, slots: number, noise: number): Course => ({
    title: `${leakers} of 40, ${slots} slots at a time, ${100 * noise} % misread`,
    setting: {
        cases: 48,
        partners: 40,
        slots: [slots + 20, slots + 60],
        forms: [2],
        isMarked: true,
        isMoving: false,
        design: leakers < 2 ? 2 : 4,
    },
    leakers,
    again: 0,
    isPlanned: false,
    leaks: { chance: 0.5, read: [slots, slots], noise, strategies: ["interleave"] },
    elsewhere: { ...seldom, chance: 0.1 },
})

/**
 * The slots that identify one leaker 99 times of 100 alone, of a hundred at 1e-6, and a quarter more: the cost of the
 * exact tail over the approximate one of the design.
 */
export const enough: readonly Course[] = [
    [1, 27],
    [2, 138],
    [3, 251],
].map(([leakers = 1, slots = 0]) => {
    const { setting, ...course } = leaking(leakers, Math.ceil(1.25 * slots), 0)
    return { ...course, setting: { ...setting, cases: 6 }, elsewhere: { ...seldom, chance: 0 } }
})

/** Too few slots to identify alone. `bits`: the maximum that a slot reveals about one source (channel capacity). */
export const few: readonly (readonly [course: Course, bits: number])[] = [
    [leaking(1, 12, 0), 1],
    [leaking(1, 20, 0), 1],
    [leaking(1, 20, 0.02), 0.8586],
    [leaking(2, 60, 0), 0.25],
    [leaking(3, 120, 0), 0.0975],
]
