/** The window of the command palette. Loaded when it is first opened. */
import { useNavigate } from "@tanstack/react-router"
import { useMemo, useState } from "react"
import { Autocomplete, Dialog, Input, Menu, MenuItem, Modal, ModalOverlay, SearchField } from "react-aria-components"
import type { NavItem } from "../kit/layout/frame.tsx"
import { Icon, type IconName } from "../kit/layout/icon.tsx"
import { switchTheme } from "../kit/layout/theme.ts"
import { useArtifacts, useCan, useCases, usePartners } from "./artifacts/viewer.tsx"
import { type Entry, type EntryKind, findEntries } from "./find-entries.ts"
import { t } from "../messages/message.ts"

const resultsMax = 12

interface PaletteWindowProps {
    items: readonly NavItem[]
    onDone: () => void
}

export function PaletteWindow({ items, onDone }: PaletteWindowProps) {
    return (
        <ModalOverlay className="veil" isDismissable isOpen onOpenChange={(is) => !is && onDone()}>
            <Modal className="palette">
                <Dialog aria-label={t("Search or run a command")} className="palette-inside">
                    <Search items={items} onDone={onDone} />
                </Dialog>
            </Modal>
        </ModalOverlay>
    )
}

/** Everything that the viewer can go to or do from anywhere. */
function useEntries(items: readonly NavItem[]): readonly Entry[] {
    const cases = useCases().data?.cases
    const partners = usePartners().data?.partners
    const artifacts = useArtifacts()
    const can = useCan()
    const mayOpen = can("case:write")
    return useMemo(() => {
        const screens = items.flatMap(({ to, name, tabs = [] }) => [
            { kind: "screen" as const, name, to },
            ...tabs.flatMap((tab) =>
                tab.to === to ? [] : [{ kind: "screen" as const, name: `${name}: ${tab.name}`, to: tab.to }],
            ),
        ])
        return [
            ...(mayOpen ? [{ kind: "action" as const, name: t("Open a case"), to: "/cases" }] : []),
            { kind: "action" as const, name: t("Switch between light and dark"), to: null },
            ...screens,
            ...(cases ?? []).map(({ id, title }) => ({ kind: "case" as const, name: title, to: `/cases/${id}` })),
            ...(partners ?? []).map(({ id, name }) => ({ kind: "partner" as const, name, to: `/partners/${id}` })),
            ...artifacts.map(({ name, case: id }) => ({
                kind: "artifact" as const,
                name,
                to: `/cases/${id}/artifacts`,
            })),
        ]
    }, [items, cases, partners, artifacts, mayOpen])
}

const kinds: Readonly<Record<EntryKind, { readonly icon: IconName; readonly name: string }>> = {
    action: { icon: "arrow", name: t("Actions") },
    screen: { icon: "next", name: t("Go to") },
    case: { icon: "shield", name: t("Cases") },
    partner: { icon: "people", name: t("Partners") },
    artifact: { icon: "file", name: t("Artifacts") },
}

function Search({ items, onDone }: PaletteWindowProps) {
    const [query, setQuery] = useState("")
    const entries = useEntries(items)
    const found = findEntries(entries, query).slice(0, resultsMax)
    const navigate = useNavigate()
    const go = ({ to }: Entry) => {
        onDone()
        if (to === null) switchTheme()
        else void navigate({ to })
    }
    return (
        <Autocomplete inputValue={query} onInputChange={setQuery}>
            {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog is this field */}
            <SearchField autoFocus aria-label={t("Search or run a command")}>
                <Input placeholder={t("Search or run a command")} maxLength={200} />
            </SearchField>
            <Menu
                className="palette-list"
                aria-label={t("Results")}
                renderEmptyState={() => <p className="palette-none">{t("Nothing that you may see has this name.")}</p>}
            >
                {found.map((entry) => (
                    <MenuItem key={keyOf(entry)} id={keyOf(entry)} textValue={entry.name} onAction={() => go(entry)}>
                        <Icon name={kinds[entry.kind].icon} />
                        <span className="clip">{entry.name}</span>
                        <span className="muted">{kinds[entry.kind].name}</span>
                    </MenuItem>
                ))}
            </Menu>
        </Autocomplete>
    )
}

const keyOf = ({ kind, name, to }: Entry): string => `${kind} ${name} ${to}`
