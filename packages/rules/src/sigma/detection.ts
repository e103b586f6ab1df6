/**
 * Compiles the selections of a detection: each becomes a test of one event.
 *
 * A selection is a map (all of its fields), a list of maps (any of them), or keywords, which are searched in every
 * value of an event.
 */
import { type Issue, type Place, error, quote, warning } from "@tocsin/base/issue"
import type { YamlEntry, YamlMap, YamlNode, YamlScalar } from "../strict-yaml.ts"
import { type Event, leavesOf, valuesOf } from "./event.ts"
import { modifierFaults } from "./modifiers.ts"
import { type Test, testsOf } from "./value.ts"

/** Returns whether an event matches a selection. Throws `Unevaluated` where that cannot be decided here. */
export type Selection = (event: Event) => boolean

const valuesMax = 10_000

/** Reads the selections of a detection, and collects the findings. */
export class DetectionReader {
    readonly issues: Issue[] = []
    #values = 0

    selection(name: YamlEntry): Selection {
        const { value } = name
        if (value.kind === "map") return this.#fields(value)
        if (value.kind === "scalar") {
            this.#fault(name.place, "sigma.bad_selection", `the selection ${quote(name.key)} is a list or a map`)
            return neverMatches
        }
        if (value.items.length === 0) this.#fault(name.place, "sigma.bad_selection", "a selection is not empty")
        const keywords = value.items.filter((yamlNode) => yamlNode.kind === "scalar")
        const maps = value.items.filter((yamlNode) => yamlNode.kind === "map").map((yamlMap) => this.#fields(yamlMap))
        if (keywords.length + maps.length < value.items.length) {
            this.#fault(value.place, "sigma.bad_selection", "a selection lists texts or maps")
        }
        if (keywords.length > 0) maps.push(this.#keywords([], keywords, value.place))
        return (event) => maps.some((selection) => selection(event))
    }

    #fields(map: YamlMap): Selection {
        if (map.entries.length === 0) this.#fault(map.place, "sigma.bad_selection", "a selection is not empty")
        const tests = map.entries.map((entry) => this.#field(entry))
        return (event) => tests.every((selection) => selection(event))
    }

    #field(entry: YamlEntry): Selection {
        const [field = "", ...modifiers] = entry.key.split("|")
        for (const message of modifierFaults(modifiers)) this.#fault(entry.place, "sigma.bad_modifier", message)
        const values = this.#scalars(entry.value, entry.place)
        if (modifiers.includes("all") && values.length < 2 && entry.value.kind !== "map") {
            this.#fault(entry.place, "sigma.bad_modifier", "`all` joins a list of two values or more")
        }
        if (field === "") return this.#keywords(modifiers, values, entry.place)
        if (/\s/.test(field)) this.issues.push(warning(entry.place, "sigma.field_has_space", "a field has no spaces"))
        const tests = this.#tests(modifiers, values)
        const needsAll = modifiers.includes("all")
        const isNegated = modifiers.includes("neq")
        return (event) => {
            const found = valuesOf(event, field)
            const passes = (test: Test) => test(found, event)
            return (needsAll ? tests.every(passes) : tests.some(passes)) !== isNegated
        }
    }

    #keywords(modifiers: readonly string[], values: readonly YamlScalar[], place: Place): Selection {
        const allowed = ["all", "cased", "re", "i", "m", "s", "contains", "windash"]
        for (const item of modifiers.filter((modifier) => !allowed.includes(modifier))) {
            this.#fault(place, "sigma.bad_modifier", `\`${item}\` needs a field`)
        }
        const sought =
            modifiers.includes("re") || modifiers.includes("contains") ? modifiers : ["contains", ...modifiers]
        const tests = this.#tests(sought, values)
        const needsAll = modifiers.includes("all")
        return (event) => {
            const leaves = leavesOf(event)
            const passes = (test: Test) => test(leaves, event)
            return needsAll ? tests.every(passes) : tests.some(passes)
        }
    }

    #tests(modifiers: readonly string[], values: readonly YamlScalar[]): Test[] {
        return values.flatMap((yamlScalar) => {
            const tests = testsOf(modifiers, yamlScalar)
            if (typeof tests !== "string") return tests
            this.#fault(yamlScalar.place, "sigma.bad_value", tests)
            return []
        })
    }

    #scalars(value: YamlNode, place: Place): YamlScalar[] {
        const items = value.kind === "list" ? value.items : [value]
        const scalars = items.filter((yamlNode) => yamlNode.kind === "scalar")
        this.#values += items.length
        if (items.length === 0) this.#fault(place, "sigma.bad_value", "a field has a value, or a list of them")
        if (scalars.length < items.length) this.#fault(place, "sigma.bad_value", "a field's value is plain, or a list")
        if (this.#values <= valuesMax) return scalars
        this.#fault(place, "sigma.too_large", `a rule may have \`${valuesMax}\` values at most`)
        return []
    }

    #fault(place: Place, code: string, message: string): void {
        this.issues.push(error(place, code, message))
    }
}

const neverMatches: Selection = () => false
