/** The entries of the console's palette: cases, artifacts, partners, screens and actions that the viewer may see. */
import { useMemo } from "react"
import type { NavItem } from "../kit/layout/frame.tsx"
import { type Entry, screenEntries, themeEntry } from "../kit/palette/find-entries.ts"
import { PaletteWindow } from "../kit/palette/palette-window.tsx"
import { useArtifacts, useCan, useCases, usePartners } from "./artifacts/viewer.tsx"
import { t } from "../messages/message.ts"

interface PaletteEntriesProps {
    items: readonly NavItem[]
    onDone: () => void
}

export function PaletteEntries({ items, onDone }: PaletteEntriesProps) {
    return <PaletteWindow entries={useEntries(items)} onDone={onDone} />
}

function useEntries(items: readonly NavItem[]): readonly Entry[] {
    const cases = useCases().data?.cases
    const partners = usePartners().data?.partners
    const artifacts = useArtifacts()
    const can = useCan()
    const [mayOpen, mayImport] = [can("case:write"), can("partner:write")]
    return useMemo(
        () => [
            ...(mayOpen ? [{ kind: "action" as const, name: t("Open a case"), to: "/cases" }] : []),
            ...(mayImport ? [{ kind: "action" as const, name: t("Import partners"), to: "/partners/import" }] : []),
            themeEntry,
            ...screenEntries(items),
            ...(cases ?? []).map(({ id, title }) => ({ kind: "case" as const, name: title, to: `/cases/${id}` })),
            ...(partners ?? []).map(({ id, name }) => ({ kind: "partner" as const, name, to: `/partners/${id}` })),
            ...artifacts.map(({ name, case: id }) => ({
                kind: "artifact" as const,
                name,
                to: `/cases/${id}/artifacts`,
            })),
        ],
        [items, cases, partners, artifacts, mayOpen, mayImport],
    )
}
