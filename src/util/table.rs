//! Tables of aligned columns.

/// The alignment of a column.
#[derive(Debug, Clone, Copy)]
pub enum Align {
    /// Cells begin at the left edge of their column.
    Left,
    /// Cells end at the right edge of their column.
    Right,
}

/// Lines of cells as wide as the widest of each column, two spaces between them.
pub fn lines<const N: usize>(align: [Align; N], rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(widths).zip(align);
        let cells: Vec<String> = cells
            .map(|((cell, width), align)| match align {
                Align::Left => format!("{cell:<width$}"),
                Align::Right => format!("{cell:>width$}"),
            })
            .collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}
