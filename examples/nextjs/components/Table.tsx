import type { ReactNode } from 'react'

export interface Column<Row> {
  key: string
  label: string
  /** Numbers stand at the end of their cell. */
  end?: boolean
  /** The label is for screen readers only. */
  labelHidden?: boolean
  cell: (row: Row) => ReactNode
}

interface Props<Row> {
  caption: string
  columns: Column<Row>[]
  rows: Row[]
  keyOf: (row: Row) => string
  /** `data-testid` of each row. */
  testId?: string
}

/** A table; on a narrow screen each row becomes a card. The roles say that it still is a table when its display is not a table's. */
export function Table<Row>({ caption, columns, rows, keyOf, testId }: Props<Row>) {
  return (
    <table role="table" className="table">
      <caption className="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ key, label, end, labelHidden }) => (
            <th key={key} role="columnheader" scope="col" className={end ? 'end' : undefined}>
              <span className={labelHidden ? 'visually-hidden' : undefined}>{label}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row" data-testid={testId}>
            {columns.map(({ key, label, end, labelHidden, cell }) => (
              <td key={key} role="cell" className={end ? 'end' : undefined} data-label={labelHidden ? undefined : label}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
