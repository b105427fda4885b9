//! The finished file: PDF 1.7 (ISO 32000-1) with a structure tree, embedded subsets and no dates.

use crate::document::{Document, Element, Kid, Page, Role, photo_name};
use crate::embed::font_name;
use crate::fault::PdfFault;
use crate::paragraph::Direction;
use crate::photo::Photo;
use pdf_writer::types::{Direction as ReadingDirection, StructRole, TableHeaderScope};
use pdf_writer::{Filter, Finish, Name, Pdf, Ref, TextStr};

/// The tag of a role in content and tree.
pub(crate) const fn tag(role: Role) -> &'static str {
    match role {
        Role::Section => "Sect",
        Role::Heading1 => "H1",
        Role::Heading2 => "H2",
        Role::Paragraph => "P",
        Role::Table => "Table",
        Role::Row => "TR",
        Role::ColumnHeader | Role::RowHeader => "TH",
        Role::Cell => "TD",
        Role::Figure => "Figure",
    }
}

const fn struct_role(role: Role) -> StructRole {
    match role {
        Role::Section => StructRole::Sect,
        Role::Heading1 => StructRole::H1,
        Role::Heading2 => StructRole::H2,
        Role::Paragraph => StructRole::P,
        Role::Table => StructRole::Table,
        Role::Row => StructRole::TR,
        Role::ColumnHeader | Role::RowHeader => StructRole::TH,
        Role::Cell => StructRole::TD,
        Role::Figure => StructRole::Figure,
    }
}

/// zlib, always at the same level of the same implementation: equal input gives equal bytes.
pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, 7)
}

/// The object numbers of what pages share.
struct Shared {
    pages: Ref,
    tree: Ref,
    document: Ref,
    elements: Vec<Ref>,
    page_ids: Vec<Ref>,
    fonts: Vec<(usize, Ref)>,
    photos: Vec<Ref>,
    /// For each page, the list of the elements of its marks.
    mark_lists: Vec<Ref>,
}

/// Writes the file.
pub(crate) fn write(mut document: Document) -> Result<Vec<u8>, PdfFault> {
    if document.pages.is_empty() {
        return Err(PdfFault::NoPage);
    }
    let mut next = Ref::new(1);
    let (catalog, info) = (next.bump(), next.bump());
    let mut ids = |count: usize| (0..count).map(|_| next.bump()).collect::<Vec<_>>();
    let (page_count, element_count) = (document.pages.len(), document.elements.len());
    let ([pages, tree, root], page_ids, elements) = (
        <[Ref; 3]>::try_from(ids(3)).map_err(|_| PdfFault::Internal("object numbers"))?,
        ids(page_count),
        ids(element_count),
    );
    let contents = ids(page_count);
    let mark_lists = ids(page_count);
    let photos = ids(document.photos.len());
    let font_ids = ids(document.used.len());
    let fonts: Vec<(usize, Ref)> = document.used.keys().copied().zip(font_ids).collect();
    let shared = Shared { pages, tree, document: root, elements, page_ids, fonts, photos, mark_lists };
    let mut pdf = Pdf::new();
    write_catalog(&mut pdf, catalog, info, &document, &shared);
    let taken = std::mem::take(&mut document.pages);
    let mut marks = Vec::with_capacity(page_count);
    for (number, page) in taken.into_iter().enumerate() {
        marks.push(write_page(&mut pdf, page, number, &contents, &shared)?);
    }
    write_tree(&mut pdf, &document, &shared, &marks)?;
    for (photo, id) in document.photos.iter().zip(&shared.photos) {
        write_photo(&mut pdf, photo, *id);
    }
    for ((_, font), (_, id)) in document.used.iter().zip(&shared.fonts) {
        font.write(&mut pdf, *id, &mut next)?;
    }
    Ok(pdf.finish())
}

fn write_catalog(pdf: &mut Pdf, id: Ref, info: Ref, document: &Document, shared: &Shared) {
    let mut catalog = pdf.catalog(id);
    catalog.pages(shared.pages).lang(TextStr(&document.lang));
    catalog.mark_info().marked(true);
    let mut viewer = catalog.viewer_preferences();
    viewer.display_doc_title(true);
    if document.direction == Direction::Rtl {
        viewer.direction(ReadingDirection::R2L);
    }
    viewer.finish();
    catalog.pair(Name(b"StructTreeRoot"), shared.tree);
    catalog.finish();
    pdf.document_info(info).title(TextStr(&document.title)).producer(TextStr("Daftar pdf-writing"));
    let count = i32::try_from(shared.page_ids.len()).unwrap_or(i32::MAX);
    pdf.pages(shared.pages).kids(shared.page_ids.iter().copied()).count(count);
}

/// Writes a page and gives back which element each of its marks belongs to.
fn write_page(
    pdf: &mut Pdf,
    page: Page,
    number: usize,
    contents: &[Ref],
    shared: &Shared,
) -> Result<Vec<usize>, PdfFault> {
    let missing = PdfFault::Internal("a page without a number");
    let id = shared.page_ids.get(number).copied().ok_or(missing.clone())?;
    let content = contents.get(number).copied().ok_or(missing.clone())?;
    let mut out = pdf.page(id);
    out.parent(shared.pages).contents(content);
    out.media_box(pdf_writer::Rect::new(0.0, 0.0, page.size.width.pt(), page.size.height.pt()));
    out.struct_parents(i32::try_from(number).map_err(|_| missing)?);
    // Keyboard order follows the structure (ISO 14289-1 §7.1).
    out.pair(Name(b"Tabs"), Name(b"S"));
    let mut resources = out.resources();
    let mut fonts = resources.fonts();
    for (face, font) in shared.fonts.iter().filter(|(face, _)| page.fonts.contains(face)) {
        fonts.pair(Name(font_name(*face).as_bytes()), font);
    }
    fonts.finish();
    let mut objects = resources.x_objects();
    for (index, photo) in shared.photos.iter().enumerate().filter(|(index, _)| page.photos.contains(index)) {
        objects.pair(Name(photo_name(index).as_bytes()), photo);
    }
    objects.finish();
    resources.finish();
    out.finish();
    let packed = deflate(page.content.finish().as_slice());
    pdf.stream(content, &packed).filter(Filter::FlateDecode);
    Ok(page.marks)
}

fn write_tree(
    pdf: &mut Pdf,
    document: &Document,
    shared: &Shared,
    marks: &[Vec<usize>],
) -> Result<(), PdfFault> {
    let element_id = |index: usize| {
        shared.elements.get(index).copied().ok_or(PdfFault::Internal("a part without a number"))
    };
    let mut tree = pdf.indirect(shared.tree).start::<pdf_writer::writers::StructTreeRoot<'_>>();
    tree.child(shared.document);
    tree.parent_tree_next_key(i32::try_from(marks.len()).unwrap_or(i32::MAX));
    let mut parents = tree.parent_tree();
    let mut numbers = parents.nums();
    for (key, list) in shared.mark_lists.iter().enumerate() {
        numbers.insert(i32::try_from(key).map_err(|_| PdfFault::Internal("too many pages"))?, *list);
    }
    numbers.finish();
    parents.finish();
    tree.finish();
    for (page, id) in marks.iter().zip(&shared.mark_lists) {
        let list = page.iter().map(|index| element_id(*index)).collect::<Result<Vec<_>, _>>()?;
        pdf.indirect(*id).array().items(list);
    }
    let mut root = pdf.struct_element(shared.document);
    root.kind(StructRole::Document).parent(shared.tree);
    let mut kids = root.children();
    for (index, _) in document.elements.iter().enumerate().filter(|(_, e)| e.parent.is_none()) {
        kids.struct_element(element_id(index)?);
    }
    kids.finish();
    root.finish();
    for (index, element) in document.elements.iter().enumerate() {
        let parent = element.parent.map_or(Ok(shared.document), element_id)?;
        write_element(pdf, element, element_id(index)?, parent, shared)?;
    }
    Ok(())
}

fn write_element(
    pdf: &mut Pdf,
    element: &Element,
    id: Ref,
    parent: Ref,
    shared: &Shared,
) -> Result<(), PdfFault> {
    let mut out = pdf.struct_element(id);
    out.kind(struct_role(element.role)).parent(parent);
    if let Some(alt) = &element.alt {
        out.alt(TextStr(alt));
    }
    if let Some(lang) = &element.lang {
        out.lang(TextStr(lang));
    }
    match element.role {
        Role::ColumnHeader => {
            out.attributes().push().table().scope(TableHeaderScope::Column);
        }
        Role::RowHeader => {
            out.attributes().push().table().scope(TableHeaderScope::Row);
        }
        _ => {}
    }
    let mut kids = out.children();
    for kid in &element.kids {
        match *kid {
            Kid::Element(index) => {
                let child = shared.elements.get(index).copied();
                kids.struct_element(child.ok_or(PdfFault::Internal("a part without a number"))?);
            }
            Kid::Content { page, mark } => {
                let page =
                    shared.page_ids.get(page).copied().ok_or(PdfFault::Internal("a mark off its page"))?;
                kids.marked_content_ref().page(page).marked_content_id(mark);
            }
        }
    }
    Ok(())
}

fn write_photo(pdf: &mut Pdf, photo: &Photo, id: Ref) {
    let mut image = pdf.image_xobject(id, &photo.jpeg);
    image.filter(Filter::DctDecode);
    image.width(i32::from(photo.width)).height(i32::from(photo.height)).bits_per_component(8);
    image.color_space().device_rgb();
    image.finish();
}
