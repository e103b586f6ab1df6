/** The words of the glossary, as they stand on screens, and the tone of each. */
import type { Outcome } from "../../share/entitlement/ruling.ts"
import type { WaveTier } from "../../share/waves/wave.ts"
import type { Phase } from "../../share/cases/embargo.ts"
import type { Words } from "../kit/words.ts"
import type { WaveState } from "./answers.ts"

export const waveWords: Words<WaveState> = {
    released: { name: "released", tone: "good" },
    armed: { name: "armed", tone: "good" },
    requested: { name: "waits for a signature", tone: "due" },
    planned: { name: "planned", tone: "plain" },
    due: { name: "overdue", tone: "bad" },
    frozen: { name: "frozen", tone: "bad" },
}

export const phaseWords: Words<Phase> = {
    none: { name: "no embargo", tone: "plain" },
    proposed: { name: "proposed", tone: "plain" },
    running: { name: "under embargo", tone: "due" },
    due: { name: "publication due", tone: "bad" },
    broken: { name: "broken", tone: "bad" },
    ended: { name: "public", tone: "good" },
}

export const outcomeWords: Readonly<Record<Outcome, string>> = {
    full: "full",
    reduced: "reduced",
    atPublication: "at publication",
    withheld: "withheld",
}

export const tierNames: Readonly<Record<WaveTier, string>> = {
    validate: "Validate",
    advance: "Advance",
    entry: "Entry",
    publication: "Publication",
}

/** What an approval is for, in words. */
export const actNames: Readonly<Record<string, string>> = {
    "wave.release": "Release a wave",
    "policy.activate": "Put a policy in force",
    "partner.raise_tier": "Raise a partner's tier",
    "partner.activate": "Admit a partner",
    "partner.reinstate": "Reinstate a partner",
    "partner.loosen_restriction": "Lift a restriction",
    "inquiry.finding": "Confirm a finding",
    "partner.add_person": "Add a person to a roster",
    "partner.loosen_duties": "Loosen a duty profile",
}
