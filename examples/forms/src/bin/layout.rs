//! See the module `layout` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::layout::app().await?).await;
    Ok(())
}
